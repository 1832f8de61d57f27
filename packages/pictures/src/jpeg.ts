import { BadPicture } from './picture-error.ts'
import type { Size } from './png.ts'

/** Bytes at the end in which the end marker must be: some writers append padding or metadata. */
const TAIL = 64 * 1024

/** Size of a JPEG from its frame header (ITU-T T.81, B.2); the end marker must be there. */
export function jpegSize(data: Buffer): Size {
  if (data.subarray(Math.max(0, data.length - TAIL)).lastIndexOf(Buffer.from([0xff, 0xd9])) === -1) {
    throw new BadPicture('the JPEG ends too early')
  }
  let at = 2
  while (at + 9 < data.length) {
    if (data[at] !== 0xff) break
    const marker = data[at + 1] ?? 0
    if (marker === 0xff) {
      at += 1
      continue
    }
    // Start-of-frame markers, without the tables that share their range.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: data.readUInt16BE(at + 7), height: data.readUInt16BE(at + 5) }
    }
    const standalone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)
    at += standalone ? 2 : 2 + data.readUInt16BE(at + 2)
  }
  throw new BadPicture('the JPEG has no frame')
}
