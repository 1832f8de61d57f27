import { BadPicture, noDecoder, refusal } from './picture-error.ts'
import { readHeader } from './read-header.ts'
import { sharpIfInstalled } from './sharp.ts'

/** Longer side of a thumbnail, in pixels, at most. */
export const THUMBNAIL_SIDE = 512

/** Encoder settings at which a thumbnail of a photograph of 512 × 512 pixels has 20 to 45 kB. */
const WEBP = { quality: 78, effort: 3, smartSubsample: true } as const

export interface ThumbnailOptions {
  /** Longer side in pixels, at most. Default {@link THUMBNAIL_SIDE}. */
  readonly side?: number
  /** PNG for readers that do not know WebP. Default `webp`. */
  readonly format?: 'webp' | 'png'
}

/**
 * A picture small enough that a page can show hundreds, in its own shape, never larger than the picture is. JPEG and WebP are decoded at
 * a reduced size where the format allows it.
 *
 * @param bytes a picture in normal form
 * @throws PictureError `DDA_IMAGE_INVALID`, and `DDA_IMAGE_DECODER` where sharp is not installed, kind `bad-input`
 */
export async function makeThumbnail(bytes: Uint8Array, options: ThumbnailOptions = {}): Promise<Uint8Array> {
  const { side = THUMBNAIL_SIDE, format = 'webp' } = options
  const { width, height } = readHeader(bytes, {}, 'bad-input')
  const sharp = await sharpIfInstalled()
  if (sharp === undefined) throw noDecoder([`${width} × ${height} pixels, to be made smaller`], 'bad-input')
  try {
    const small = sharp(bytes, { limitInputPixels: false, ignoreIcc: true })
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
    return await (format === 'png' ? small.png() : small.webp(WEBP)).toBuffer()
  } catch (error) {
    throw refusal(new BadPicture(`no thumbnail can be made of it (${(error as Error).message})`), 'bad-input')
  }
}
