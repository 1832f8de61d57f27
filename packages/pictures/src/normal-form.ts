import type { FailureKind } from '@dda-thinker/plugin-api'
import type { Sharp } from 'sharp'
import type { Raster } from './encode-png.ts'
import { guardImage } from './guard-image.ts'
import { IMAGE_LIMITS, type ImageLimits } from './limits.ts'
import { BadPicture, noDecoder, PictureError, refusal, tooLarge } from './picture-error.ts'
import type { PictureHeader } from './picture-header.ts'
import { examine, readHeader, type ImageInfo } from './read-header.ts'
import { sharpIfInstalled } from './sharp.ts'

/** What transparent pixels lie on, as the processors of Qwen-VL and most viewers have it. */
export const GROUND = '#ffffff'

/** A picture of which every decoder makes the same pixels, encoded. */
export interface NormalPicture extends ImageInfo {
  readonly bytes: Uint8Array
}

/**
 * A picture in normal form: upright, 8 bits a channel, sRGB, opaque. Readers of pictures differ in what they make of an orientation
 * tag, of a colour profile, of 16 bits and of colours under transparency; of this form they all make the same. A picture that has it
 * already keeps its bytes. Any other is turned, converted, laid on white ({@link GROUND}) and written anew as PNG, as JPEG of the highest quality
 * only where the PNG would be too large. Both pass {@link guardImage} first.
 *
 * @param limits narrower ones than {@link IMAGE_LIMITS}
 * @param kind failure kind of a refusal: `bad-output` for what a server or an Editor made (default), `bad-input` for a source
 * @throws PictureError what {@link guardImage} throws, and `DDA_IMAGE_DECODER` where sharp is needed and not installed
 */
export async function normalPicture(
  bytes: Uint8Array,
  limits: ImageLimits = {},
  kind: FailureKind = 'bad-output',
): Promise<NormalPicture> {
  const info = await guardImage(bytes, limits, kind)
  const { header } = examine(bytes, limits, kind)
  if (header.odd.length === 0) return { bytes, ...info }
  const picture = await converted(bytes, info.mediaType, header, kind)
  const made = await decoding(kind, async () => {
    const png = await picture.clone().png({ compressionLevel: 6, adaptiveFiltering: false }).toBuffer()
    if (png.length <= IMAGE_LIMITS.bytes) return png
    return picture.clone().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer()
  })
  if (made.length > IMAGE_LIMITS.bytes) {
    throw tooLarge(`${made.length} bytes in normal form, allowed are ${IMAGE_LIMITS.bytes}`, kind)
  }
  return { bytes: made, ...readHeader(made, {}, kind) }
}

/** Does the picture have the normal form, by its header? @throws PictureError as {@link readHeader} does */
export function isNormalPicture(bytes: Uint8Array): boolean {
  return examine(bytes, {}, 'bad-input').header.odd.length === 0
}

/**
 * The pixels of a picture in normal form, whatever form the file has: the one rule by which all parts of the product decode.
 *
 * Only within the limits by its header is anything unpacked.
 *
 * @param limits narrower ones than {@link IMAGE_LIMITS}
 * @param kind failure kind of a refusal, `bad-input` by default
 * @throws PictureError `DDA_IMAGE_INVALID`, `DDA_IMAGE_TOO_LARGE`, and `DDA_IMAGE_DECODER` where sharp is not installed
 */
export async function decodePicture(
  bytes: Uint8Array,
  limits: ImageLimits = {},
  kind: FailureKind = 'bad-input',
): Promise<Raster> {
  const { mediaType, header } = examine(bytes, limits, kind)
  const picture = await converted(bytes, mediaType, header, kind)
  return decoding(kind, async () => {
    const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
    if (info.channels !== 3) throw new BadPicture(`its pixels have ${info.channels} channels`)
    // No Buffer: its `slice` shares memory, that of a Uint8Array copies.
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length)
    return { width: info.width, height: info.height, data: pixels }
  })
}

/** @throws PictureError `DDA_IMAGE_DECODER` */
async function converted(
  bytes: Uint8Array,
  mediaType: ImageInfo['mediaType'],
  { odd, orientation }: PictureHeader,
  kind: FailureKind,
): Promise<Sharp> {
  const sharp = await sharpIfInstalled()
  if (sharp === undefined) throw noDecoder(odd, kind)
  // Of a normal picture the numbers count as they are: converted from one sRGB to another they would change by a level.
  const ignoreIcc = odd.length === 0
  // libpng warns of much that harms no pixel.
  const failOn = mediaType === 'image/png' ? 'error' : 'warning'
  const picture = sharp(bytes, { limitInputPixels: false, failOn, ignoreIcc })
  return turned(picture, orientation).flatten({ background: GROUND }).toColourspace('srgb').removeAlpha()
}

/** By our own reading of the tag: decoders do not agree on where one is found. sharp mirrors before it turns. */
function turned(picture: Sharp, orientation: number): Sharp {
  switch (orientation) {
    case 2:
      return picture.flop()
    case 3:
      return picture.rotate(180)
    case 4:
      return picture.flip()
    case 5:
      return picture.rotate(270).flop()
    case 6:
      return picture.rotate(90)
    case 7:
      return picture.rotate(90).flop()
    case 8:
      return picture.rotate(270)
    default:
      return picture
  }
}

async function decoding<T>(kind: FailureKind, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode()
  } catch (error) {
    if (error instanceof PictureError) throw error
    const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)
    throw refusal(error instanceof BadPicture ? error : new BadPicture(`its pixels cannot be read (${why})`), kind)
  }
}
