import { isSrgbProfile, OTHER_PROFILE } from './colour-profile.ts'
import { exifOrientation, xmpOrientation } from './orientation.ts'
import { BadPicture } from './picture-error.ts'
import type { PictureHeader } from './picture-header.ts'
import type { Size } from './png.ts'

const ALPHA = 'transparency'

/** Header of a WebP from its chunks (RFC 9649, section 2); the file must be as long as it says, and not move. */
export function webpHeader(data: Buffer): PictureHeader {
  if (data.length < 30 || data.readUInt32LE(4) + 8 > data.length) throw new BadPicture('the WebP ends too early')
  switch (data.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return {
        width: data.readUInt16LE(26) & 0x3fff,
        height: data.readUInt16LE(28) & 0x3fff,
        orientation: 1,
        odd: [],
      }
    case 'VP8L': {
      const bits = data.readUInt32LE(21)
      const size = { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
      return { ...size, orientation: 1, odd: ((bits >>> 28) & 1) === 1 ? [ALPHA] : [] }
    }
    case 'VP8X':
      return extended(data)
    default:
      throw new BadPicture('the WebP has no picture')
  }
}

function extended(data: Buffer): PictureHeader {
  const flags = data[20] ?? 0
  if ((flags & 0x02) !== 0) throw new BadPicture('it is an animated WebP', false)
  const size: Size = { width: data.readUIntLE(24, 3) + 1, height: data.readUIntLE(27, 3) + 1 }
  let exif: number | undefined
  let xmp: number | undefined
  let otherProfile = false
  for (const { type, body } of chunks(data)) {
    if (type === 'EXIF') exif ??= exifOrientation(body)
    else if (type === 'XMP ') xmp ??= xmpOrientation(body)
    else if (type === 'ICCP') otherProfile ||= !isSrgbProfile(body)
  }
  const orientation = exif ?? xmp ?? 1
  return {
    ...size,
    orientation,
    odd: [
      ...(orientation === 1 ? [] : ['an orientation tag']),
      ...((flags & 0x10) === 0 ? [] : [ALPHA]),
      ...(otherProfile ? [OTHER_PROFILE] : []),
    ],
  }
}

/** Chunks are padded to even lengths. */
function* chunks(data: Buffer): Generator<{ readonly type: string; readonly body: Buffer }> {
  for (let at = 12; at + 8 <= data.length;) {
    const length = data.readUInt32LE(at + 4)
    yield { type: data.toString('latin1', at, at + 4), body: data.subarray(at + 8, at + 8 + length) }
    at += 8 + length + (length & 1)
  }
}
