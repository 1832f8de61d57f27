import { DdaError, type ImageRef } from '@dda-thinker/plugin-api'

/**
 * Type and size of an encoded picture, from its header alone.
 * @throws DdaError `DDA_IMAGE_INVALID` where the bytes are no PNG, JPEG or WebP.
 */
export function imageSize(bytes: Uint8Array): Omit<ImageRef, 'hash'> {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = pngSize(data) ?? jpegSize(data) ?? webpSize(data)
  if (size !== undefined && size.width > 0 && size.height > 0) return size
  throw new DdaError('DDA_IMAGE_INVALID', `${bytes.length} bytes that are not a PNG, JPEG or WebP picture`, {
    next: 'Return the encoded file, not raw pixels, text or base64.',
  })
}

type Size = Omit<ImageRef, 'hash'> | undefined

function pngSize(data: Buffer): Size {
  if (data.length < 33 || data.toString('latin1', 1, 4) !== 'PNG') return undefined
  return { mediaType: 'image/png', width: data.readUInt32BE(16), height: data.readUInt32BE(20) }
}

function jpegSize(data: Buffer): Size {
  if (data.length < 4 || data.readUInt16BE(0) !== 0xffd8) return undefined
  for (let at = 2; at + 9 < data.length && data[at] === 0xff; at += 2 + data.readUInt16BE(at + 2)) {
    const marker = data[at + 1] as number
    // Start-of-frame markers, without the tables that share their range.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { mediaType: 'image/jpeg', width: data.readUInt16BE(at + 7), height: data.readUInt16BE(at + 5) }
    }
  }
  return undefined
}

function webpSize(data: Buffer): Size {
  if (data.length < 30 || data.toString('latin1', 8, 12) !== 'WEBP') return undefined
  const mediaType = 'image/webp'
  switch (data.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { mediaType, width: data.readUInt16LE(26) & 0x3fff, height: data.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = data.readUInt32LE(21)
      return { mediaType, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { mediaType, width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}
