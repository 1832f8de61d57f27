import { errors } from '../errors.ts'
import { KINDS } from '../world/catalogue.ts'
import { type Box, type Sprite, boxOf } from '../world/raster.ts'
import { SIZES, type Size } from '../world/scene.ts'
import type { World } from '../world/sprites.ts'
import { statesOf } from '../world/states.ts'
import { type LookFacts, readLooks } from './looks-file.ts'

/** What one kind looks like in one state at one size. */
export interface Template extends LookFacts {
  readonly kind: string
  readonly state?: string
  readonly size: Size
  readonly sprite: Sprite
}

/** Cells of the descriptor's grid along each side. */
const GRID = 8
/** Coverage and three colours a cell. */
const DIMENSIONS = 4 * GRID * GRID

const made = new WeakMap<World, readonly Template[]>()
const byName = new WeakMap<World, ReadonlyMap<string, Template>>()

/** Every look the catalogue allows. Each is drawn when a blob is first compared with it. */
export function templatesOf(world: World): readonly Template[] {
  let templates = made.get(world)
  if (templates === undefined) {
    const names = looksOf()
    const described = readLooks(names.map(nameOf), DIMENSIONS)
    templates = names.flatMap((look, i) => drawnWhenNeeded(world, look, described?.[i] ?? describeLook(world, look)))
    made.set(world, templates)
  }
  return templates
}

/** What the file of looks holds: every look, drawn now, in its order. */
export function describeLooks(world: World): readonly (LookFacts & { readonly name: string })[] {
  return looksOf().flatMap((look) => {
    const facts = describeLook(world, look)
    return facts === undefined ? [] : [{ name: nameOf(look), ...facts }]
  })
}

/** The look of that kind, state and size; it must be one that the catalogue allows. */
export function templateOf(world: World, kind: string, state: string | undefined, size: Size): Template {
  let names = byName.get(world)
  if (names === undefined) {
    names = new Map(templatesOf(world).map((one) => [keyOf(one.kind, one.state, one.size), one]))
    byName.set(world, names)
  }
  const template = names.get(keyOf(kind, state, size))
  if (template === undefined) {
    throw errors.make('DDA_TABLETOP_UNKNOWN/look', { look: keyOf(kind, state, size) })
  }
  return template
}

function keyOf(kind: string, state: string | undefined, size: Size): string {
  return `${size} ${state ?? 'ordinary'} ${kind}`
}

interface Look {
  readonly kind: string
  readonly state?: string
  readonly size: Size
}

function looksOf(): readonly Look[] {
  const sizes = Object.keys(SIZES) as Size[]
  return KINDS.flatMap((kind) =>
    [undefined, ...statesOf(kind).map((state) => state.name)].flatMap((state) =>
      sizes.map((size): Look => ({ kind: kind.name, ...(state === undefined ? {} : { state }), size })),
    ),
  )
}

function nameOf({ kind, state, size }: Look): string {
  return keyOf(kind, state, size)
}

function describeLook(world: World, { kind, state, size }: Look): LookFacts | undefined {
  const sprite = world.sprite(kind, state, size)
  const box = boxOf(sprite)
  if (box === undefined) return undefined
  return { box, descriptor: describe(box, (x, y) => 4 * (y * sprite.width + x), sprite.data) }
}

function drawnWhenNeeded(world: World, look: Look, facts: LookFacts | undefined): readonly Template[] {
  if (facts === undefined) return []
  return [
    {
      ...look,
      ...facts,
      get sprite() {
        return world.sprite(look.kind, look.state, look.size)
      },
    },
  ]
}

function describe(box: Box, index: (x: number, y: number) => number, data: Float32Array): Float32Array {
  return describeWith(box, (x, y, out) => {
    const i = index(x, y)
    out[0] = data[i] as number
    out[1] = data[i + 1] as number
    out[2] = data[i + 2] as number
    return data[i + 3] as number
  })
}

/**
 * A coarse picture of a box's content, whatever its size: coverage and covered colour in a grid of 8 × 8 cells, so that
 * it does not depend on what lies behind.
 *
 * @param read writes a pixel's RGB (0..255) into its third argument and returns its coverage (0..1)
 */
export function describeWith(box: Box, read: (x: number, y: number, rgb: Float32Array) => number): Float32Array {
  const out = new Float32Array(DIMENSIONS)
  const weights = new Float32Array(GRID * GRID)
  const rgb = new Float32Array(3)
  for (let y = 0; y < box.height; y++) {
    const gy = Math.min(GRID - 1, Math.floor(((y + 0.5) * GRID) / box.height))
    for (let x = 0; x < box.width; x++) {
      const gx = Math.min(GRID - 1, Math.floor(((x + 0.5) * GRID) / box.width))
      const cell = gy * GRID + gx
      const cover = read(box.left + x, box.top + y, rgb)
      weights[cell] = (weights[cell] as number) + 1
      out[4 * cell] = (out[4 * cell] as number) + cover
      for (let c = 0; c < 3; c++)
        out[4 * cell + 1 + c] = (out[4 * cell + 1 + c] as number) + (cover * (rgb[c] as number)) / 255
    }
  }
  for (let cell = 0; cell < GRID * GRID; cell++) {
    const weight = Math.max(1, weights[cell] as number)
    for (let c = 0; c < 4; c++) out[4 * cell + c] = (out[4 * cell + c] as number) / weight
  }
  return out
}

/** Squared Euclidean distance; stops counting beyond `limit`. */
export function descriptorDistance(a: Float32Array, b: Float32Array, limit: number): number {
  let sum = 0
  for (let i = 0; i < DIMENSIONS && sum < limit; i += 16) {
    for (let j = i; j < i + 16; j++) {
      const d = (a[j] as number) - (b[j] as number)
      sum += d * d
    }
  }
  return sum
}
