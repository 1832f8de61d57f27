import type { FailureKind } from '@dda-thinker/plugin-api'
import { checkDecodes } from './check-decodes.ts'
import type { ImageLimits } from './limits.ts'
import { BadPicture, refusal } from './picture-error.ts'
import { checkPng } from './png.ts'
import { readHeader, type ImageInfo } from './read-header.ts'

/**
 * Lets only whole PNG, JPEG and WebP pictures of bearable size through. Size and structure are judged first ({@link readHeader}),
 * before anything is unpacked; then the pixels are read to the end: of a PNG the checksums and that they unpack to what the header promises,
 * of JPEG and WebP that they decode without a complaint, where sharp is installed. No picture is held in memory.
 *
 * @param limits narrower ones than {@link IMAGE_LIMITS}
 * @param kind failure kind of a refusal: `bad-output` for what a server or an Editor made (default), `bad-input` for a source
 * @throws PictureError `DDA_IMAGE_INVALID` for other formats (SVG, HTML, GIF, text), animations and damaged files,
 *   `DDA_IMAGE_TOO_LARGE` beyond the limits
 */
export async function guardImage(
  bytes: Uint8Array,
  limits: ImageLimits = {},
  kind: FailureKind = 'bad-output',
): Promise<ImageInfo> {
  const info = readHeader(bytes, limits, kind)
  try {
    if (info.mediaType === 'image/png') await checkPng(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    else await checkDecodes(bytes, info)
    return info
  } catch (error) {
    throw error instanceof BadPicture ? refusal(error, kind) : error
  }
}
