import type { Box } from './check.ts'

export interface Region {
  /** Compared, and nothing else. Default: the whole picture. */
  readonly within?: readonly Box[]
  /** Not compared. */
  readonly ignore?: readonly Box[]
  /** Grey values at the picture's size; below 128 is not compared. */
  readonly mask?: Uint8Array
}

/** Which pixels of a `width × height` picture are compared; undefined for all. Pixels cut by a box's edge are not. */
export function comparedPixels(width: number, height: number, region: Region): Uint8Array | undefined {
  const { within, ignore = [], mask } = region
  if (within === undefined && ignore.length === 0 && mask === undefined) return undefined
  const compared = new Uint8Array(width * height).fill(within === undefined ? 1 : 0)
  const paint = (box: Box, value: number, outward: boolean): void => {
    const { left, top, right, bottom } = pixelsOf(box, width, height, outward)
    for (let row = top; row < bottom; row++)
      compared.fill(value, row * width + left, row * width + Math.max(left, right))
  }
  for (const box of within ?? []) paint(box, 1, false)
  for (const box of ignore) paint(box, 0, true)
  if (mask !== undefined) for (let i = 0; i < compared.length; i++) if ((mask[i] as number) < 128) compared[i] = 0
  return compared
}

/** A box of fractions in pixels: all that it touches (outward), or all that it covers. */
export function pixelsOf(
  [x, y, boxWidth, boxHeight]: Box,
  width: number,
  height: number,
  outward: boolean,
): { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number } {
  // A thousandth of a pixel: 0.1 + 0.2 must not touch the pixel behind 0.3.
  const slack = 1e-3
  const [low, high] = outward
    ? [(v: number) => Math.floor(v + slack), (v: number) => Math.ceil(v - slack)]
    : [(v: number) => Math.ceil(v - slack), (v: number) => Math.floor(v + slack)]
  const clamp = (value: number, limit: number): number => Math.min(limit, Math.max(0, value))
  return {
    left: clamp(low(x * width), width),
    top: clamp(low(y * height), height),
    right: clamp(high((x + boxWidth) * width), width),
    bottom: clamp(high((y + boxHeight) * height), height),
  }
}
