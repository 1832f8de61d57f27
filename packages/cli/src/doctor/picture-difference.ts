/** How two pictures differ. */
export interface PictureDifference {
  /** `bitwise`: equal files; `visual`: equal to the eye; `none`: different pictures. */
  readonly level: 'bitwise' | 'visual' | 'none'
  /** Mean absolute difference of a channel, of 255; absent where the sizes differ. */
  readonly mean?: number
}

/** Mean difference of a channel, of 255, up to which pictures count as equal to the eye: as in the test kit. */
const VISUAL_TOLERANCE = 4

/** Compares two encoded pictures, first as files, then by their pixels. */
export async function pictureDifference(a: Uint8Array, b: Uint8Array): Promise<PictureDifference> {
  if (Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(b)) return { level: 'bitwise', mean: 0 }
  // Loaded only here: every other command does without it.
  const { decodePicture } = await import('@dda-thinker/pictures')
  const [left, right] = [await decodePicture(a), await decodePicture(b)]
  if (left.width !== right.width || left.height !== right.height) return { level: 'none' }
  let sum = 0
  for (let i = 0; i < left.data.length; i++) sum += Math.abs((left.data[i] ?? 0) - (right.data[i] ?? 0))
  const mean = sum / left.data.length
  return { level: mean <= VISUAL_TOLERANCE ? 'visual' : 'none', mean }
}
