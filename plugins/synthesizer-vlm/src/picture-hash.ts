import { sharpIfInstalled } from '@dda-thinker/pictures'

/** What a picture looks like, coarsely. */
export interface PictureHash {
  /** Signs of the horizontal and vertical differences of brightness on a grid of 8 × 8 (difference hash), 128 bits. */
  readonly bits: readonly [number, number, number, number]
  /** Mean red, green and blue, 0 to 255. */
  readonly mean: readonly [number, number, number]
}

const GRID = 9
/** Largest difference of a mean channel: pictures without edges differ in nothing else. */
const MEAN_DISTANCE = 24

/** Of a picture in normal form; `undefined` where no decoder is installed. */
export async function pictureHash(bytes: Uint8Array): Promise<PictureHash | undefined> {
  const sharp = await sharpIfInstalled()
  if (sharp === undefined) return undefined
  const pixels = await sharp(bytes).toColourspace('srgb').resize(GRID, GRID, { fit: 'fill' }).raw().toBuffer()
  const channels = pixels.length / GRID ** 2
  const at = (x: number, y: number, channel: number): number =>
    pixels[(y * GRID + x) * channels + Math.min(channel, channels - 1)] ?? 0
  // ITU-R BT.601, in whole numbers.
  const light = (x: number, y: number): number => 299 * at(x, y, 0) + 587 * at(x, y, 1) + 114 * at(x, y, 2)
  const bits: [number, number, number, number] = [0, 0, 0, 0]
  for (let y = 0; y < GRID - 1; y++) {
    for (let x = 0; x < GRID - 1; x++) {
      const bit = y * (GRID - 1) + x
      const word = bit >> 5
      if (light(x, y) < light(x + 1, y)) bits[word] = (bits[word] ?? 0) | (1 << (bit & 31))
      if (light(x, y) < light(x, y + 1)) bits[2 + word] = (bits[2 + word] ?? 0) | (1 << (bit & 31))
    }
  }
  const mean = ([0, 1, 2] as const).map((channel) => {
    let sum = 0
    for (let y = 0; y < GRID; y++) for (let x = 0; x < GRID; x++) sum += at(x, y, channel)
    return sum / GRID ** 2
  })
  return { bits, mean: [mean[0] ?? 0, mean[1] ?? 0, mean[2] ?? 0] }
}

/** Do two pictures look alike: at most `distance` of 128 bits apart, and of about the same colours? */
export function looksLike(a: PictureHash, b: PictureHash, distance: number): boolean {
  if (a.mean.some((value, i) => Math.abs(value - (b.mean[i] ?? 0)) > MEAN_DISTANCE)) return false
  let apart = 0
  for (let word = 0; word < 4; word++) apart += ones((a.bits[word] ?? 0) ^ (b.bits[word] ?? 0))
  return apart <= distance
}

/** Bits set in 32 (Hacker's Delight, population count). */
function ones(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555)
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333)
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
