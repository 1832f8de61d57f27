import type { FailureKind, ImageRef } from '@dda-thinker/plugin-api'
import { jpegHeader } from './jpeg.ts'
import { IMAGE_LIMITS, type ImageLimits } from './limits.ts'
import { BadPicture, refusal, tooLarge } from './picture-error.ts'
import { type PictureHeader, uprightSize } from './picture-header.ts'
import { isPng, pngHeader } from './png.ts'
import { webpHeader } from './webp.ts'

/** What a file is: its type and its size in pixels, as people see it: after the turn that an orientation tag asks for. */
export type ImageInfo = Omit<ImageRef, 'hash'>

/**
 * Type and size of an encoded PNG, JPEG or WebP, told by its bytes, never by what the sender calls them. The file must be
 * whole by its structure: a PNG down to its last chunk, a JPEG with its end marker, a WebP as long as it says. Nothing is unpacked; see
 * {@link guardImage} for a look at the pixels.
 *
 * @param limits narrower ones than {@link IMAGE_LIMITS}
 * @param kind failure kind of a refusal: `bad-output` for what a server or an Editor made (default), `bad-input` for a source
 * @throws PictureError `DDA_IMAGE_INVALID` for other formats (SVG, HTML, GIF, text), animations and files that are cut short,
 *   `DDA_IMAGE_TOO_LARGE` beyond the limits
 */
export function readHeader(bytes: Uint8Array, limits: ImageLimits = {}, kind: FailureKind = 'bad-output'): ImageInfo {
  const { mediaType, header } = examine(bytes, limits, kind)
  return { mediaType, ...uprightSize(header) }
}

/** Type and header of an encoded picture within the limits; {@link readHeader} tells the rest. */
export function examine(
  bytes: Uint8Array,
  limits: ImageLimits,
  kind: FailureKind,
): { readonly mediaType: ImageInfo['mediaType']; readonly header: PictureHeader } {
  const maxBytes = Math.min(limits.maxBytes ?? Infinity, IMAGE_LIMITS.bytes)
  const maxPixels = Math.min(limits.maxPixels ?? Infinity, IMAGE_LIMITS.pixels)
  if (bytes.length > maxBytes) throw tooLarge(`${bytes.length} bytes, allowed are ${maxBytes}`, kind)
  try {
    const examined = headerOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    const { width, height } = examined.header
    if (width < 1 || height < 1) throw new BadPicture(`it has a size of ${width} × ${height} pixels`)
    if (width > IMAGE_LIMITS.side || height > IMAGE_LIMITS.side || width * height > maxPixels) {
      const allowed = `allowed are ${maxPixels} in all and ${IMAGE_LIMITS.side} a side`
      throw tooLarge(`${width} × ${height} pixels, ${allowed}`, kind)
    }
    return examined
  } catch (error) {
    throw error instanceof BadPicture ? refusal(error, kind) : error
  }
}

function headerOf(data: Buffer): ReturnType<typeof examine> {
  if (isPng(data)) return { mediaType: 'image/png', header: pngHeader(data) }
  if (data.length > 3 && data.readUInt32BE(0) >>> 8 === 0xffd8ff) {
    return { mediaType: 'image/jpeg', header: jpegHeader(data) }
  }
  if (data.toString('latin1', 0, 4) === 'RIFF' && data.toString('latin1', 8, 12) === 'WEBP') {
    return { mediaType: 'image/webp', header: webpHeader(data) }
  }
  throw new BadPicture(`it looks like ${looksLike(data)}`, false)
}

/** For the message only: what a refused file is. */
function looksLike(data: Buffer): string {
  const start = data.toString('latin1', 0, 512).trimStart().toLowerCase()
  if (data.length === 0) return 'an empty file'
  if (start.startsWith('gif8')) return 'a GIF'
  if (start.startsWith('<svg') || (start.startsWith('<?xml') && start.includes('<svg'))) return 'an SVG'
  if (start.startsWith('<!doctype') || start.startsWith('<html') || start.startsWith('<')) return 'a web page'
  if (start.startsWith('{') || start.startsWith('[')) return 'JSON'
  if (start.startsWith('bm')) return 'a BMP'
  return 'something else'
}
