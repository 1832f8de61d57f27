import { DdaError, type ImageRef } from '@dda-thinker/plugin-api'

/** Limits on pictures from outside; far above any Editor's output, far below what exhausts a decoder. */
export const IMAGE_LIMITS = { bytes: 64 * 2 ** 20, side: 16_384, pixels: 64_000_000 } as const

type Header = Omit<ImageRef, 'hash'>

/**
 * Reads type and size from the first bytes of an encoded PNG, JPEG or WebP without decoding it.
 *
 * @throws DdaError `DDA_IMAGE_INVALID` for other or broken data and for pictures over {@link IMAGE_LIMITS}.
 */
export function readImageHeader(bytes: Uint8Array): Header {
  if (bytes.length > IMAGE_LIMITS.bytes) throw invalid(`${bytes.length} bytes, more than ${IMAGE_LIMITS.bytes}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header = png(bytes, view) ?? jpeg(bytes, view) ?? webp(bytes, view)
  if (header === undefined) throw invalid(describe(bytes))
  const { width, height } = header
  if (width < 1 || height < 1) throw invalid(`a size of ${width} x ${height}`)
  if (width > IMAGE_LIMITS.side || height > IMAGE_LIMITS.side || width * height > IMAGE_LIMITS.pixels) {
    throw invalid(`${width} x ${height} pixels, over the limit of ${IMAGE_LIMITS.pixels}`)
  }
  return header
}

function invalid(what: string): DdaError {
  return new DdaError('DDA_IMAGE_INVALID', `Not a usable picture: ${what}`, {
    kind: 'bad-output',
    next: 'Return an encoded PNG, JPEG or WebP.',
  })
}

function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'no bytes'
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 512)).trimStart().toLowerCase()
  if (head.startsWith('<svg') || (head.startsWith('<?xml') && head.includes('<svg'))) return 'SVG'
  if (head.startsWith('<!doctype html') || head.startsWith('<html')) return 'an HTML page'
  if (head.startsWith('{')) return 'JSON text'
  return 'neither PNG, JPEG nor WebP'
}

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** PNG (ISO 15948): signature, then IHDR as the first chunk. */
function png(bytes: Uint8Array, view: DataView): Header | undefined {
  if (!PNG_SIGNATURE.every((byte, index) => bytes[index] === byte)) return undefined
  if (bytes.length < 33 || ascii(bytes, 12, 4) !== 'IHDR') throw invalid('a PNG without its header')
  return { mediaType: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
}

/** JPEG (ISO 10918-1): marker segments up to the first start-of-frame. */
function jpeg(bytes: Uint8Array, view: DataView): Header | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return undefined
  let at = 2
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) break
    const marker = bytes[at + 1] ?? 0
    if (marker === 0xff) {
      at += 1
      continue
    }
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (frame) return { mediaType: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    const standalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)
    at += standalone ? 2 : 2 + view.getUint16(at + 2)
  }
  throw invalid('a JPEG without a frame header')
}

/** WebP (RFC 9649): RIFF container with VP8, VP8L or VP8X first. */
function webp(bytes: Uint8Array, view: DataView): Header | undefined {
  if (ascii(bytes, 0, 4) !== 'RIFF' || ascii(bytes, 8, 4) !== 'WEBP') return undefined
  if (bytes.length < 30) throw invalid('a WebP without its header')
  const chunk = ascii(bytes, 12, 4)
  if (chunk === 'VP8X') {
    return { mediaType: 'image/webp', width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) }
  }
  if (chunk === 'VP8L' && bytes[20] === 0x2f) {
    const bits = view.getUint32(21, true)
    return { mediaType: 'image/webp', width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
  }
  if (chunk === 'VP8 ' && bytes[23] === 0x9d && bytes[24] === 0x01 && bytes[25] === 0x2a) {
    return {
      mediaType: 'image/webp',
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff,
    }
  }
  throw invalid('a WebP without a picture')
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
}

function ascii(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length))
}
