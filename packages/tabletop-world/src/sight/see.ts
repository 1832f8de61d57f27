import { LRUCache } from 'lru-cache'
import { errors } from '../errors.ts'
import { decodePng, hashOf } from '../world/decode.ts'
import type { Box, Raster } from '../world/raster.ts'
import { CANVAS, type Column, type Row, type Size } from '../world/scene.ts'
import { openWorld, type World } from '../world/sprites.ts'
import { estimateRows } from './background-rows.ts'
import { type Match, matchBlob } from './match.ts'
import { cellOf, placeOf, segment } from './segment.ts'

/** One thing found in a picture. */
export interface SeenObject {
  readonly kind: string
  /** Absent: the ordinary look. */
  readonly state?: string
  /** Nearest place to its centre. */
  readonly column: Column
  readonly row: Row
  readonly size: Size
  /** Bounds of what is drawn. */
  readonly box: Box
  /** Centre of the square its kind is drawn into, pixels. */
  readonly centre: { readonly x: number; readonly y: number }
  /** How well the pixels fit the look, 0..1: near 1 for a clean drawing, below 0.5 for a heap of several things. */
  readonly confidence: number
}

/** What is in a picture, from its pixels alone. */
export interface Sight {
  /** From the left, back before front; at most one in each place. */
  readonly objects: readonly SeenObject[]
  /** RGB of each row of the bare table. */
  readonly background: Uint8Array
}

/**
 * Recognises the things on a table. Pure: the answer depends on the pixels only.
 *
 * @throws DdaError `DDA_IMAGE_SIZE` (kind `bad-input`) for a picture of another size than the canvas
 */
export function see(world: World, raster: Raster): Sight {
  const { matches, background } = look(world, raster)
  return { objects: matches.map(toObject), background }
}

/** {@link see} with the matched drawings, for the executor, which cuts along their edges. */
export function look(
  world: World,
  raster: Raster,
): { readonly matches: readonly Match[]; readonly background: Uint8Array } {
  if (raster.width !== CANVAS.width || raster.height !== CANVAS.height) {
    throw errors.make(
      'DDA_IMAGE_SIZE',
      { width: raster.width, height: raster.height, wantedWidth: CANVAS.width, wantedHeight: CANVAS.height },
      { kind: 'bad-input' },
    )
  }
  const background = estimateRows(raster)
  const segments = segment(raster, background)
  const matches = segments.blobs.flatMap((blob) => matchBlob({ raster, rows: background, segments, blob }, world) ?? [])
  return { matches, background }
}

export function toObject({ template, left, top, box, confidence }: Match): SeenObject {
  const half = template.sprite.width / 2
  const centre = { x: left + half, y: top + half }
  return {
    kind: template.kind,
    ...(template.state === undefined ? {} : { state: template.state }),
    ...placeOf(cellOf(centre.x, centre.y)),
    size: template.size,
    box,
    centre,
    confidence,
  }
}

const sights = new LRUCache<string, Promise<Sight>>({ max: 512 })

/**
 * Decodes and sees; recent pictures are remembered by their hash.
 *
 * @param hash SHA-256 of the bytes, where the caller knows it
 * @throws DdaError `DDA_IMAGE_INVALID` or `DDA_IMAGE_SIZE` (kind `bad-input`)
 */
export function seePng(bytes: Uint8Array, hash: string = hashOf(bytes)): Promise<Sight> {
  let sight = sights.get(hash)
  if (sight === undefined) {
    sight = Promise.all([openWorld(), decodePng(bytes, hash)]).then(([world, raster]) => see(world, raster))
    sights.set(hash, sight)
  }
  return sight
}
