import { SHADOW_DEPTH } from '../world/draw.ts'
import type { Box, Raster } from '../world/raster.ts'
import { COLUMNS, type Column, ROWS, type Row } from '../world/scene.ts'

/** The pixels of one thing, or of things that stand in one another's place. */
export interface Blob {
  readonly column: Column
  readonly row: Row
  readonly box: Box
  /** Number of foreground pixels. */
  readonly area: number
}

export interface Segments {
  /** Cell (see {@link cellOf}) each foreground pixel was given to, or -1; length `width * height`. Until the next call of {@link segment}. */
  readonly cells: Int8Array
  /** Left to right, back before front. */
  readonly blobs: readonly Blob[]
}

/** Sum of absolute channel differences above which a pixel is not bare table. */
const DIFFERENT = 14
/** Channel rounding that a shadow's hue may be off by. */
const HUE_SLACK = 1.5
/** A component larger than a cell holds things that touch: it is cut along the cells. */
const WIDEST = 62
const MIN_AREA = 20

/**
 * What one call works on and the next takes over. Pictures are segmented by the thousand, and memory outside the heap that is taken anew for
 * each has the collector go through all of the heap several times a second.
 */
const scratch = { foreground: new Uint8Array(0), cells: new Int8Array(0), members: new Int32Array(0) }

/** Finds what stands out from the table and gathers it by place: parts of one drawing need not touch. */
export function segment(raster: Raster, rows: Uint8Array): Segments {
  const { width, height } = raster
  const pixels = width * height
  if (scratch.cells.length !== pixels) {
    scratch.foreground = new Uint8Array(pixels)
    scratch.cells = new Int8Array(pixels)
    scratch.members = new Int32Array(pixels)
  }
  // Members of a component double as the queue of its flood fill.
  const { foreground: left, cells, members } = scratch
  findForeground(raster, rows, left)
  cells.fill(-1)
  const bounds = Array.from({ length: 2 * COLUMNS.length }, emptyBounds)
  for (let start = left.indexOf(1); start >= 0; start = left.indexOf(1, start + 1)) {
    left[start] = 0
    members[0] = start
    let count = 1
    for (let i = 0; i < count; i++) {
      const pixel = members[i] as number
      const x = pixel % width
      const y = (pixel - x) / width
      for (let ny = y === 0 ? 0 : y - 1; ny <= y + 1 && ny < height; ny++) {
        for (let nx = x === 0 ? 0 : x - 1; nx <= x + 1 && nx < width; nx++) {
          const next = ny * width + nx
          if (left[next] === 0) continue
          left[next] = 0
          members[count++] = next
        }
      }
    }
    assign(members.subarray(0, count), width, cells, bounds)
  }
  return { cells, blobs: bounds.flatMap(toBlob) }
}

/** @param mask made 1 where a pixel is neither bare table nor shadow, and 0 elsewhere; length `width * height` */
function findForeground(raster: Raster, rows: Uint8Array, mask: Uint8Array): void {
  const { width, height, data } = raster
  mask.fill(0)
  for (let y = 0; y < height; y++) {
    const br = rows[3 * y] as number
    const bg = rows[3 * y + 1] as number
    const bb = rows[3 * y + 2] as number
    const norm = br * br + bg * bg + bb * bb + 1e-6
    for (let x = 0; x < width; x++) {
      const i = 3 * (y * width + x)
      const r = data[i] as number
      const g = data[i + 1] as number
      const b = data[i + 2] as number
      if (r === br && g === bg && b === bb) continue
      if (Math.abs(r - br) + Math.abs(g - bg) + Math.abs(b - bb) <= DIFFERENT) continue
      const k = (r * br + g * bg + b * bb) / norm
      const shadow =
        k < 1 &&
        k > 1 - SHADOW_DEPTH - 0.02 &&
        Math.abs(r - k * br) < HUE_SLACK &&
        Math.abs(g - k * bg) < HUE_SLACK &&
        Math.abs(b - k * bb) < HUE_SLACK
      if (!shadow) mask[y * width + x] = 1
    }
  }
}

interface Bounds {
  left: number
  top: number
  right: number
  bottom: number
  area: number
}

function emptyBounds(): Bounds {
  return { left: Infinity, top: Infinity, right: -1, bottom: -1, area: 0 }
}

function include(bounds: Bounds, x: number, y: number): void {
  if (x < bounds.left) bounds.left = x
  if (x > bounds.right) bounds.right = x
  if (y < bounds.top) bounds.top = y
  if (y > bounds.bottom) bounds.bottom = y
  bounds.area++
}

/** Gives a component to the cell of its centre, or pixel by pixel where it is larger than any single thing. */
function assign(members: Int32Array, width: number, cells: Int8Array, bounds: readonly Bounds[]): void {
  let sx = 0
  let sy = 0
  const own = emptyBounds()
  for (let i = 0; i < members.length; i++) {
    const x = (members[i] as number) % width
    const y = ((members[i] as number) - x) / width
    sx += x
    sy += y
    include(own, x, y)
  }
  const whole = own.right - own.left < WIDEST && own.bottom - own.top < WIDEST
  const centre = cellOf(sx / members.length, sy / members.length)
  for (let i = 0; i < members.length; i++) {
    const pixel = members[i] as number
    const x = pixel % width
    const y = (pixel - x) / width
    const cell = whole ? centre : cellOf(x, y)
    cells[pixel] = cell
    include(bounds[cell] as Bounds, x, y)
  }
}

function toBlob({ left, top, right, bottom, area }: Bounds, cell: number): readonly Blob[] {
  if (area < MIN_AREA) return []
  return [{ ...placeOf(cell), area, box: { left, top, width: right - left + 1, height: bottom - top + 1 } }]
}

/** The nearest place: `2 * column`, plus 1 in front. */
export function cellOf(x: number, y: number): number {
  let column = 0
  for (let i = 1; i < COLUMNS.length; i++) {
    if (Math.abs(x - (COLUMNS[i] as number)) < Math.abs(x - (COLUMNS[column] as number))) column = i
  }
  return 2 * column + (Math.abs(y - ROWS.back) <= Math.abs(y - ROWS.front) ? 0 : 1)
}

/** The cell of a place. */
export function cellIndex(column: Column, row: Row): number {
  return 2 * column + (row === 'back' ? 0 : 1)
}

export function placeOf(cell: number): { readonly column: Column; readonly row: Row } {
  return { column: (cell >> 1) as Column, row: cell % 2 === 0 ? 'back' : 'front' }
}
