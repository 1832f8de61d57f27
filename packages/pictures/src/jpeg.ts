import { isSrgbProfile, OTHER_PROFILE } from './colour-profile.ts'
import { exifOrientation, xmpOrientation } from './orientation.ts'
import { BadPicture } from './picture-error.ts'
import type { PictureHeader } from './picture-header.ts'

/** Bytes at the end in which the end marker must be: some writers append padding or metadata. */
const TAIL = 64 * 1024
const PROFILE = 'ICC_PROFILE\0'
const XMP = 'http://ns.adobe.com/xap/1.0/\0'

/** Header of a JPEG: its frame (ITU-T T.81, B.2) and the application segments before its scan. The end marker must be there. */
export function jpegHeader(data: Buffer): PictureHeader {
  if (data.subarray(Math.max(0, data.length - TAIL)).lastIndexOf(Buffer.from([0xff, 0xd9])) === -1) {
    throw new BadPicture('the JPEG ends too early')
  }
  let frame: Buffer | undefined
  let exif: number | undefined
  let xmp: number | undefined
  const profile: Buffer[] = []
  for (const { marker, body } of segments(data)) {
    if (isFrame(marker)) frame ??= body
    else if (marker === 0xe1 && body.toString('latin1', 0, 6) === 'Exif\0\0') exif ??= exifOrientation(body)
    else if (marker === 0xe1 && body.toString('latin1', 0, XMP.length) === XMP) xmp ??= xmpOrientation(body)
    // A profile comes in numbered pieces; its description is in the first ones.
    else if (marker === 0xe2 && body.toString('latin1', 0, PROFILE.length) === PROFILE) profile.push(body.subarray(14))
  }
  if (frame === undefined || frame.length < 6) throw new BadPicture('the JPEG has no frame')
  const odd: string[] = []
  const orientation = exif ?? xmp ?? 1
  if (orientation !== 1) odd.push('an orientation tag')
  if (frame[0] !== 8) odd.push(`${frame[0]} bits a channel`)
  if (frame[5] === 4) odd.push('CMYK colours')
  if (profile.length > 0 && !isSrgbProfile(Buffer.concat(profile))) odd.push(OTHER_PROFILE)
  return { width: frame.readUInt16BE(3), height: frame.readUInt16BE(1), orientation, odd }
}

/** Segments up to the first scan, without their markers and lengths. */
function* segments(data: Buffer): Generator<{ readonly marker: number; readonly body: Buffer }> {
  for (let at = 2; at + 4 <= data.length && data[at] === 0xff;) {
    const marker = data[at + 1] ?? 0
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker === 0xda || marker === 0xd9) return
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2
      continue
    }
    const length = data.readUInt16BE(at + 2)
    yield { marker, body: data.subarray(at + 4, at + 2 + length) }
    at += 2 + length
  }
}

/** Start-of-frame markers, without the tables that share their range. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
}
