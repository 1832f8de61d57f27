import type { ImageRef } from '@dda-thinker/plugin-api'
import { BadPicture, noDecoder, refusal } from './picture-error.ts'
import { sharpIfInstalled } from './sharp.ts'

/**
 * A stored picture made smaller where it has more pixels than wanted, in its own shape (Lanczos); JPEG stays JPEG, all else becomes PNG.
 *
 * @param bytes in normal form
 * @param image what they are: type, and size in pixels
 * @param maxPixels width times height at most
 * @returns `bytes` themselves where they are small enough
 * @throws PictureError `DDA_IMAGE_INVALID`, `DDA_IMAGE_DECODER`, kind `bad-input`
 */
export async function withinPixels(
  bytes: Uint8Array,
  { mediaType, width, height }: Pick<ImageRef, 'mediaType' | 'width' | 'height'>,
  maxPixels: number,
): Promise<{ readonly bytes: Uint8Array; readonly mediaType: ImageRef['mediaType'] }> {
  if (width * height <= maxPixels) return { bytes, mediaType }
  const sharp = await sharpIfInstalled()
  if (sharp === undefined) throw noDecoder([`${width} × ${height} pixels, more than are sent (maxPixels)`], 'bad-input')
  const scale = Math.sqrt(maxPixels / (width * height))
  const side = (length: number): number => Math.max(1, Math.floor(length * scale))
  try {
    const picture = sharp(bytes, { limitInputPixels: false, ignoreIcc: true })
      .resize(side(width), side(height), { fit: 'fill', kernel: 'lanczos3' })
      .toColourspace('srgb')
    if (mediaType === 'image/jpeg') {
      return { bytes: await picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(), mediaType }
    }
    return { bytes: await picture.png().toBuffer(), mediaType: 'image/png' }
  } catch (error) {
    throw refusal(new BadPicture(`it cannot be made smaller (${(error as Error).message})`), 'bad-input')
  }
}
