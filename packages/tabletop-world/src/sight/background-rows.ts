import type { Raster } from '../world/raster.ts'

/**
 * The colour of each row's bare table, from the margins: things never reach the outermost columns. Where the two sides
 * disagree, the one nearer to the row above wins.
 *
 * @returns RGB per row, length `3 * height`
 */
export function estimateRows(raster: Raster): Uint8Array {
  const { width, height, data } = raster
  const rows = new Uint8Array(3 * height)
  for (let y = 0; y < height; y++) {
    const left = 3 * y * width
    const right = 3 * (y * width + width - 1)
    const agree = distance(data, left, data, right) <= 6
    const useLeft =
      agree || y === 0 || distance(data, left, rows, 3 * (y - 1)) <= distance(data, right, rows, 3 * (y - 1))
    const from = useLeft ? left : right
    rows.set(data.subarray(from, from + 3), 3 * y)
  }
  return rows
}

function distance(a: Uint8Array, i: number, b: Uint8Array, j: number): number {
  return (
    Math.abs((a[i] as number) - (b[j] as number)) +
    Math.abs((a[i + 1] as number) - (b[j + 1] as number)) +
    Math.abs((a[i + 2] as number) - (b[j + 2] as number))
  )
}
