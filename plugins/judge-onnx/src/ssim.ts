/** Two pictures of one size, 8-bit RGB, row-major, and which of their pixels are compared (1) or not (0). */
export interface PixelPair {
  readonly source: Uint8Array
  readonly edited: Uint8Array
  readonly width: number
  readonly height: number
  /** `width × height`; absent: all. */
  readonly compared?: Uint8Array
}

/** Side of the window, pixels. */
export const SSIM_WINDOW = 11
const SIGMA = 1.5
const C1 = (0.01 * 255) ** 2
const C2 = (0.03 * 255) ** 2

/** Normalised Gaussian weights of one axis; the window is their outer product. */
const WEIGHTS = gaussian()

/**
 * Mean structural similarity of the luma (ITU-R BT.601 weights, 0–255), in [-1, 1], 1 for equal pictures.
 *
 * Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error visibility to structural
 * similarity", IEEE Transactions on Image Processing 13(4), 2004: 11 × 11 Gaussian window of σ = 1.5 with weights that sum to
 * 1, K₁ = 0.01, K₂ = 0.03, L = 255, no downsampling, and, as in the authors' ssim.m, only windows wholly inside the picture.
 * Here a window counts only if all its pixels are compared, so that nothing of what is left out bleeds in.
 *
 * @returns undefined where no window fits
 */
export function meanSsim({ source, edited, width, height, compared }: PixelPair): number | undefined {
  const columns = width - SSIM_WINDOW + 1
  if (columns < 1 || height < SSIM_WINDOW) return undefined
  const whole = compared === undefined ? () => true : wholeWindows(compared, width, height)
  // The last 11 rows, filtered along the row: means of x and y, of their squares and of their product.
  // A row at a time: the luma of two whole pictures of 49 megapixels would take 800 MB.
  const [x, y] = [new Float64Array(width), new Float64Array(width)]
  const ring = Array.from({ length: SSIM_WINDOW }, () => new Float64Array(5 * columns))
  let sum = 0
  let count = 0
  for (let row = 0; row < height; row++) {
    lumaRow(source, row, x)
    lumaRow(edited, row, y)
    filterRow(x, y, columns, ring[row % SSIM_WINDOW] as Float64Array)
    const top = row - SSIM_WINDOW + 1
    if (top < 0) continue
    for (let column = 0; column < columns; column++) {
      if (!whole(column, top)) continue
      sum += ssimAt(ring, top, column)
      count += 1
    }
  }
  return count === 0 ? undefined : sum / count
}

function filterRow(x: Float64Array, y: Float64Array, columns: number, out: Float64Array): void {
  for (let column = 0; column < columns; column++) {
    let [mx, my, xx, yy, xy] = [0, 0, 0, 0, 0]
    for (let k = 0; k < SSIM_WINDOW; k++) {
      const w = WEIGHTS[k] as number
      const a = x[column + k] as number
      const b = y[column + k] as number
      mx += w * a
      my += w * b
      xx += w * a * a
      yy += w * b * b
      xy += w * a * b
    }
    const at = 5 * column
    out[at] = mx
    out[at + 1] = my
    out[at + 2] = xx
    out[at + 3] = yy
    out[at + 4] = xy
  }
}

function ssimAt(ring: readonly Float64Array[], top: number, column: number): number {
  let [mx, my, xx, yy, xy] = [0, 0, 0, 0, 0]
  const at = 5 * column
  for (let k = 0; k < SSIM_WINDOW; k++) {
    const w = WEIGHTS[k] as number
    const row = ring[(top + k) % SSIM_WINDOW] as Float64Array
    mx += w * (row[at] as number)
    my += w * (row[at + 1] as number)
    xx += w * (row[at + 2] as number)
    yy += w * (row[at + 3] as number)
    xy += w * (row[at + 4] as number)
  }
  const [vx, vy, cov] = [xx - mx * mx, yy - my * my, xy - mx * my]
  return ((2 * mx * my + C1) * (2 * cov + C2)) / ((mx * mx + my * my + C1) * (vx + vy + C2))
}

/** Whether all pixels of the window with this upper left corner are compared: by a summed-area table of those that are not. */
function wholeWindows(compared: Uint8Array, width: number, height: number): (column: number, row: number) => boolean {
  const stride = width + 1
  const table = new Uint32Array(stride * (height + 1))
  const get = (column: number, row: number): number => table[row * stride + column] as number
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const left = compared[row * width + column] === 0 ? 1 : 0
      table[(row + 1) * stride + column + 1] = left + get(column, row + 1) + get(column + 1, row) - get(column, row)
    }
  }
  const n = SSIM_WINDOW
  return (c, r) => get(c + n, r + n) - get(c, r + n) - get(c + n, r) + get(c, r) === 0
}

function lumaRow(rgb: Uint8Array, row: number, out: Float64Array): void {
  for (let i = 0, at = 3 * row * out.length; i < out.length; i++, at += 3) {
    out[i] = 0.299 * (rgb[at] as number) + 0.587 * (rgb[at + 1] as number) + 0.114 * (rgb[at + 2] as number)
  }
}

function gaussian(): Float64Array {
  const half = (SSIM_WINDOW - 1) / 2
  const raw = Float64Array.from({ length: SSIM_WINDOW }, (_, i) => Math.exp(-((i - half) ** 2) / (2 * SIGMA * SIGMA)))
  const total = raw.reduce((sum, value) => sum + value, 0)
  return raw.map((value) => value / total)
}
