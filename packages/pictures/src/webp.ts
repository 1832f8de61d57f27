import { BadPicture } from './picture-error.ts'
import type { Size } from './png.ts'

/** Size of a WebP from its first chunk (RFC 9649, section 2); the file must be as long as it says, and not move. */
export function webpSize(data: Buffer): Size {
  if (data.length < 30 || data.readUInt32LE(4) + 8 > data.length) throw new BadPicture('the WebP ends too early')
  switch (data.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: data.readUInt16LE(26) & 0x3fff, height: data.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = data.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      if (((data[20] ?? 0) & 0x02) !== 0) throw new BadPicture('it is an animated WebP', false)
      return { width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 }
    default:
      throw new BadPicture('the WebP has no picture')
  }
}
