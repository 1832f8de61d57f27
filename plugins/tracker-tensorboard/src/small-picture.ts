import { makeThumbnail, readHeader } from '@dda-thinker/pictures'
import { isDdaError } from '@dda-thinker/plugin-api'
import type { EventPicture } from './event-record.ts'

/** Longer side in pixels: two fit beside each other on TensorBoard's page, and a hundred steps are a few megabytes. */
const SIDE = 256

/**
 * A picture as TensorBoard shows it: a small PNG, since TensorBoard does not know WebP. Without a decoder, a PNG or JPEG that is small is
 * shown as it is, and any other not at all.
 *
 * @param bytes a picture in normal form
 */
export async function smallPicture(bytes: Uint8Array): Promise<EventPicture | undefined> {
  const whole = readHeader(bytes, {}, 'bad-input')
  const isKnown = whole.mediaType !== 'image/webp'
  if (isKnown && Math.max(whole.width, whole.height) <= SIDE) return { ...whole, bytes }
  try {
    const small = await makeThumbnail(bytes, { side: SIDE, format: 'png' })
    return { ...readHeader(small, {}, 'bad-input'), bytes: small }
  } catch (error) {
    if (isDdaError(error) && error.code === 'DDA_IMAGE_DECODER') return undefined
    throw error
  }
}
