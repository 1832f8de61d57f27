import { decodePicture, type Raster } from '@dda-thinker/pictures'

/** How an image becomes patches. */
export interface ImageGrid {
  readonly columns: number
  readonly rows: number
  /** Edge of the window around each cell's centre, in cells; above 1 windows overlap. */
  readonly window: number
  /** Pixels of a patch's edge. */
  readonly patch: number
}

export const DEFAULT_GRID: ImageGrid = { columns: 5, rows: 2, window: 1.25, patch: 20 }

export function patchCount(grid: ImageGrid): number {
  return grid.columns * grid.rows
}

/** Numbers in one patch: RGB of every pixel. */
export function patchLength(grid: ImageGrid): number {
  return grid.patch * grid.patch * 3
}

/**
 * Cuts a picture into `columns x rows` windows and resamples each to `patch x patch` pixels by area averaging. Windows
 * that reach over the picture's edge repeat its outermost pixels.
 * @returns bytes, [patches, patch * patch * 3], patches row by row; see {@link toUnitRange}.
 */
export function cutPatches(image: Raster, grid: ImageGrid): Uint8Array {
  const { columns, rows } = grid
  const horizontal = Array.from({ length: columns }, (_, i) => coverage(image.width, columns, i, grid))
  const vertical = Array.from({ length: rows }, (_, i) => coverage(image.height, rows, i, grid))
  const out = new Uint8Array(patchCount(grid) * patchLength(grid))
  for (const [column, across] of horizontal.entries()) {
    const lines = averageAcross(image, across)
    for (const [row, down] of vertical.entries()) {
      averageDown(lines, down, out.subarray((row * columns + column) * patchLength(grid)))
    }
  }
  return out
}

/** Bytes to [-1, 1]. */
export function toUnitRange(patches: Uint8Array): Float32Array {
  return Float32Array.from(patches, (value) => value / 127.5 - 1)
}

/** Which source pixels make each target pixel of a window, and their shares; those of target i are at [ends[i - 1], ends[i]). */
interface Coverage {
  readonly pixels: Int32Array
  readonly shares: Float32Array
  readonly ends: Int32Array
}

function coverage(size: number, cells: number, index: number, grid: ImageGrid): Coverage {
  const cell = size / cells
  const from = (index + 0.5 - grid.window / 2) * cell
  const step = (cell * grid.window) / grid.patch
  const pixels: number[] = []
  const shares: number[] = []
  const ends = new Int32Array(grid.patch)
  for (let i = 0; i < grid.patch; i++) {
    const low = from + i * step
    const high = low + step
    for (let pixel = Math.floor(low); pixel < high; pixel++) {
      const share = Math.min(high, pixel + 1) - Math.max(low, pixel)
      if (share <= 0) continue
      pixels.push(Math.min(size - 1, Math.max(0, pixel)))
      shares.push(share / step)
    }
    ends[i] = pixels.length
  }
  return { pixels: Int32Array.from(pixels), shares: Float32Array.from(shares), ends }
}

/** Averages along every picture row; [height, patch * 3]. Area averaging separates, so rows come first, then columns. */
function averageAcross({ data, width, height }: Raster, { pixels, shares, ends }: Coverage): Float32Array {
  const patch = ends.length
  const out = new Float32Array(height * patch * 3)
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, k = 0; x < patch; x++, to += 3) {
      let red = 0
      let green = 0
      let blue = 0
      for (; k < (ends[x] as number); k++) {
        const at = (y * width + (pixels[k] as number)) * 3
        const share = shares[k] as number
        red += share * (data[at] as number)
        green += share * (data[at + 1] as number)
        blue += share * (data[at + 2] as number)
      }
      out[to] = red
      out[to + 1] = green
      out[to + 2] = blue
    }
  }
  return out
}

function averageDown(lines: Float32Array, { pixels, shares, ends }: Coverage, out: Uint8Array): void {
  const width = ends.length * 3
  for (let y = 0, k = 0; y < ends.length; y++) {
    const from = k
    const to = ends[y] as number
    for (let x = 0; x < width; x++) {
      let sum = 0
      for (k = from; k < to; k++) sum += (shares[k] as number) * (lines[(pixels[k] as number) * width + x] as number)
      out[y * width + x] = Math.round(sum)
    }
  }
}

/** Patches of the pictures seen last, by content hash. */
export class PatchCache {
  private readonly grid: ImageGrid
  private readonly limit: number
  private readonly entries = new Map<string, Promise<Uint8Array>>()

  /** @param limit most pictures kept; 12 kB each with the default grid. */
  constructor(grid: ImageGrid, limit = 32_768) {
    this.grid = grid
    this.limit = limit
  }

  /**
   * Patches of a picture; `load` gives its encoded bytes when they are not at hand. All who ask while a picture is being
   * cut wait for the same patches: the plans of a group ask at once.
   */
  get(hash: string, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.entries.get(hash)
    if (known !== undefined) {
      this.entries.delete(hash)
      this.entries.set(hash, known)
      return known
    }
    const cutting = this.cut(load)
    this.entries.set(hash, cutting)
    // A failure must not stay in the cache.
    cutting.catch(() => this.entries.delete(hash))
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.limit) break
      this.entries.delete(oldest)
    }
    return cutting
  }

  private async cut(load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    return cutPatches(await decodePicture(await load()), this.grid)
  }
}
