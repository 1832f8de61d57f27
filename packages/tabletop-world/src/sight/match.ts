import type { Box, Raster } from '../world/raster.ts'
import type { World } from '../world/sprites.ts'
import { RegionCache } from './region-cache.ts'
import { type Blob, type Segments, cellIndex } from './segment.ts'
import { type Template, describeWith, descriptorDistance, templatesOf } from './templates.ts'

/** A drawing found at a place. */
export interface Match {
  readonly template: Template
  /** Top left corner of the template's square, pixels. */
  readonly left: number
  readonly top: number
  /** Bounds of the template's drawn part in the picture. */
  readonly box: Box
  readonly confidence: number
}

interface Placed {
  readonly template: Template
  readonly left: number
  readonly top: number
  readonly error: number
}

interface View {
  readonly raster: Raster
  readonly rows: Uint8Array
  readonly segments: Segments
  readonly blob: Blob
}

/** A template whose box is at most so much larger or smaller than the blob's may be all of what is seen, pixels. */
const BOX_SLACK = 4
/** Templates compared pixel by pixel, of those whose descriptors are nearest. */
const SHORTLIST = 12
/** Descriptor distance below which a template of the blob's own box needs no rivals of another. */
const SURE = 1
/** Templates so many times farther than the nearest are not compared at all. */
const FAR = 3
/** Absolute channel error per pixel of a clean match; above it the neighbourhood is searched too. */
const CLEAN = 4
/** Absolute channel error per pixel at which confidence has fallen to 1/e. */
const ERROR_SCALE = 30

const caches = new WeakMap<World, RegionCache<Match | undefined>>()

/**
 * Names a blob: nearest descriptors first, then pixel by pixel, each candidate drawn over the known background at the
 * offsets around its place. `undefined` only where no template exists.
 */
export function matchBlob(view: View, world: World): Match | undefined {
  let cache = caches.get(world)
  if (cache === undefined) caches.set(world, (cache = new RegionCache(4096)))
  const context = { rows: view.rows, cells: view.segments.cells }
  return cache.get(view.raster, context, view.blob.box, () => match(view, world))
}

function match(view: View, world: World): Match | undefined {
  const candidates = shortlist(templatesOf(world), descriptorOf(view), view.blob.box)
  const coarse = candidates.map((template) => search(view, centred(view, template), 1, 3)).toSorted(byError)
  let found = coarse.slice(0, 3).map((placed) => search(view, placed, 1, 1))
  if (Math.min(...found.map((placed) => placed.error)) > CLEAN) {
    found = coarse.slice(0, 6).map((placed) => search(view, search(view, placed, 2, 2), 0, 1))
  }
  const [best] = found.toSorted(byError)
  if (best === undefined) return undefined
  const { template, left, top, error } = best
  const box = { ...template.box, left: left + template.box.left, top: top + template.box.top }
  return { template, left, top, box, confidence: Math.exp(-error / ERROR_SCALE) }
}

function byError(a: Placed, b: Placed): number {
  return a.error - b.error
}

function descriptorOf({ raster, segments, blob }: View): Float32Array {
  const cell = cellIndex(blob.column, blob.row)
  return describeWith(blob.box, (x, y, rgb) => {
    const pixel = y * raster.width + x
    for (let c = 0; c < 3; c++) rgb[c] = raster.data[3 * pixel + c] as number
    return (segments.cells[pixel] as number) === cell ? 1 : 0
  })
}

/**
 * The nearest by descriptor: of those with nearly the blob's own box and, unless one of them is sure, of the others too,
 * for blobs that lost a part or gained one.
 */
function shortlist(templates: readonly Template[], descriptor: Float32Array, box: Box): readonly Template[] {
  const fitting = new Nearest(SHORTLIST / 2)
  for (const template of templates) {
    const off = misfit(template, box)
    if (off <= BOX_SLACK) offer(fitting, template, 0.02 * off * off, descriptor)
  }
  const others = new Nearest(SHORTLIST / 2)
  if (fitting.nearest > SURE) {
    for (const template of templates) {
      const off = misfit(template, box)
      if (off > BOX_SLACK) offer(others, template, 0.5 + 0.3 * off, descriptor)
    }
  }
  const reach = FAR * Math.min(fitting.nearest, others.nearest) + 1
  return [...fitting.within(reach), ...others.within(reach)]
}

function misfit(template: Template, box: Box): number {
  return Math.max(Math.abs(template.box.width - box.width), Math.abs(template.box.height - box.height))
}

function offer(list: Nearest, template: Template, penalty: number, descriptor: Float32Array): void {
  if (penalty >= list.limit) return
  list.add(template, penalty + descriptorDistance(descriptor, template.descriptor, list.limit - penalty))
}

/** Keeps the few nearest templates. */
class Nearest {
  readonly #size: number
  readonly #entries: { readonly template: Template; readonly distance: number }[] = []

  constructor(size: number) {
    this.#size = size
  }

  /** What a newcomer must be nearer than. */
  get limit(): number {
    return this.#entries.length < this.#size ? Infinity : (this.#entries.at(-1)?.distance ?? Infinity)
  }

  get nearest(): number {
    return this.#entries[0]?.distance ?? Infinity
  }

  within(distance: number): readonly Template[] {
    return this.#entries.filter((entry) => entry.distance <= distance).map((entry) => entry.template)
  }

  add(template: Template, distance: number): void {
    if (distance >= this.limit) return
    const at = this.#entries.findIndex((entry) => entry.distance > distance)
    this.#entries.splice(at < 0 ? this.#entries.length : at, 0, { template, distance })
    if (this.#entries.length > this.#size) this.#entries.pop()
  }
}

/** The template with the middle of its box on the middle of the blob's. */
function centred({ blob: { box } }: View, template: Template): Placed {
  const left = Math.round(box.left + box.width / 2 - template.box.left - template.box.width / 2)
  const top = Math.round(box.top + box.height / 2 - template.box.top - template.box.height / 2)
  return { template, left, top, error: Infinity }
}

/** The best place within `reach` pixels. */
function search(view: View, { template, left, top }: Placed, reach: number, stride: number): Placed {
  let best: Placed = { template, left, top, error: Infinity }
  for (let y = top - reach; y <= top + reach; y++) {
    for (let x = left - reach; x <= left + reach; x++) {
      const error = errorOf(view, template, x, y, stride, best.error)
      if (error < best.error) best = { template, left: x, top: y, error }
    }
  }
  return best
}

/**
 * Absolute channel error of the template drawn over bare table, summed over the pixels that it or the blob covers, per
 * channel and pixel of the blob. Looks at every `stride`-th row and column; may stop early once it must exceed `limit`.
 *
 * Here and in the other loops over pixels arrays are read in place: from source, as tests run, a helper of another module is looked
 * up at every call, which took half of their time. What is built is as quick either way.
 */
function errorOf(view: View, template: Template, left: number, top: number, stride: number, limit = Infinity): number {
  const { raster, rows, segments, blob } = view
  const { sprite, box } = template
  const cell = cellIndex(blob.column, blob.row)
  const x0 = Math.min(blob.box.left, left + box.left)
  const y0 = Math.min(blob.box.top, top + box.top)
  const x1 = Math.max(blob.box.left + blob.box.width, left + box.left + box.width)
  const y1 = Math.max(blob.box.top + blob.box.height, top + box.top + box.height)
  const { data } = raster
  const drawn = sprite.data
  // Relative to the blob's size, not the template's: a larger template must earn every pixel it adds.
  const scale = (stride * stride) / (3 * blob.area)
  let error = 0
  for (let y = Math.max(0, y0); y < Math.min(raster.height, y1); y += stride) {
    const sy = y - top
    const inRow = sy >= 0 && sy < sprite.height
    const br = rows[3 * y] as number
    const bg = rows[3 * y + 1] as number
    const bb = rows[3 * y + 2] as number
    for (let x = Math.max(0, x0); x < Math.min(raster.width, x1); x += stride) {
      const sx = x - left
      const s = 4 * (sy * sprite.width + sx)
      const alpha = inRow && sx >= 0 && sx < sprite.width ? (drawn[s + 3] as number) : 0
      const pixel = y * raster.width + x
      if (alpha < 0.05 && (segments.cells[pixel] as number) !== cell) continue
      let r = br
      let g = bg
      let b = bb
      if (alpha > 0) {
        r += alpha * ((drawn[s] as number) - br)
        g += alpha * ((drawn[s + 1] as number) - bg)
        b += alpha * ((drawn[s + 2] as number) - bb)
      }
      error +=
        Math.abs((data[3 * pixel] as number) - r) +
        Math.abs((data[3 * pixel + 1] as number) - g) +
        Math.abs((data[3 * pixel + 2] as number) - b)
    }
    if (error * scale > limit) return Infinity
  }
  return error * scale
}
