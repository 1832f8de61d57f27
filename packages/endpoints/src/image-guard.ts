import type { FailureKind, ImageRef } from '@dda-thinker/plugin-api'
import { BadImage } from './bad-image.ts'
import { EndpointError } from './endpoint-error.ts'
import { jpegSize } from './jpeg.ts'
import { checkPng } from './png.ts'
import { webpSize } from './webp.ts'

export interface ImageLimits {
  /** Encoded bytes. Default 64 MiB. */
  readonly maxBytes?: number
  /** Width × height. Default 50 million. */
  readonly maxPixels?: number
}

export type ImageInfo = Omit<ImageRef, 'hash'>

export const DEFAULT_IMAGE_LIMITS = { maxBytes: 64 * 1024 * 1024, maxPixels: 50_000_000 } as const

/** Longest side, pixels: WebP's own limit, and what decoders agree on. */
const MAX_SIDE = 16_383

/**
 * Lets only whole PNG, JPEG and WebP pictures of bearable size through, told by their bytes, never by what the sender
 * calls them. PNG is checked to the last byte (chunk checksums, and that the pixel data unpack to what the header
 * promises and no more); JPEG and WebP by structure and end. Size is judged from headers, before anything is unpacked.
 *
 * @param kind failure kind of a refusal: `bad-output` for what a server sent (default), `bad-input` for a source
 * @throws DdaError `DDA_IMAGE_INVALID` for other formats (SVG, HTML, GIF, text), animations and damaged files,
 *   `DDA_IMAGE_TOO_LARGE` beyond the limits
 */
export async function guardImage(
  bytes: Uint8Array,
  limits: ImageLimits = {},
  kind: FailureKind = 'bad-output',
): Promise<ImageInfo> {
  const { maxBytes, maxPixels } = { ...DEFAULT_IMAGE_LIMITS, ...limits }
  if (bytes.length > maxBytes) throw tooLarge(`${bytes.length} bytes, allowed are ${maxBytes}`, kind)
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fits = (width: number, height: number): void => {
    if (width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE && width * height <= maxPixels) return
    throw tooLarge(`${width} × ${height} pixels, allowed are ${maxPixels} in all and ${MAX_SIDE} a side`, kind)
  }
  try {
    return await inspectImage(data, fits)
  } catch (error) {
    if (!(error instanceof BadImage)) throw error
    throw new EndpointError('DDA_IMAGE_INVALID', `Not a usable picture: ${error.message}`, {
      kind,
      // Damage may have happened on the way; another format will come again.
      transient: kind === 'bad-output' && error.damaged,
      next: error.damaged
        ? 'Look at the server and at any proxy before it: the picture is cut short or damaged.'
        : 'Have the server send a PNG (or JPEG or WebP) file.',
    })
  }
}

async function inspectImage(data: Buffer, fits: (width: number, height: number) => void): Promise<ImageInfo> {
  if (data.subarray(0, 8).equals(PNG_SIGNATURE)) {
    return { mediaType: 'image/png', ...(await checkPng(data, fits)) }
  }
  const [mediaType, size] =
    data.length > 3 && data.readUInt32BE(0) >>> 8 === 0xffd8ff
      ? (['image/jpeg', jpegSize(data)] as const)
      : data.toString('latin1', 0, 4) === 'RIFF' && data.toString('latin1', 8, 12) === 'WEBP'
        ? (['image/webp', webpSize(data)] as const)
        : [undefined, undefined]
  if (mediaType === undefined) throw new BadImage(`it looks like ${looksLike(data)}`, false)
  fits(size.width, size.height)
  return { mediaType, ...size }
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

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

function tooLarge(what: string, kind: FailureKind): EndpointError {
  return new EndpointError('DDA_IMAGE_TOO_LARGE', `The picture has ${what}`, {
    kind,
    transient: false,
    next: 'Ask for smaller pictures (size), or raise the image limits if you trust the source.',
  })
}
