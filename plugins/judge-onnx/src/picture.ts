import type { ImageRef, RoleContext } from '@dda-thinker/plugin-api'
import { decodePicture, type ImageLimits } from '@dda-thinker/pictures'
import sharp, { type Sharp } from 'sharp'

/** Decoded: 8-bit RGB, row-major, upright. */
export interface Picture {
  readonly hash: string
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

type Kernel = 'cubic' | 'linear' | 'lanczos3' | 'nearest'

export interface Resize {
  readonly width: number
  readonly height: number
  readonly kernel: Kernel
}

/**
 * Fetches and decodes a stored picture, by the rule of all parts of the product (`decodePicture` of pictures).
 *
 * @throws DdaError `DDA_IMAGE_INVALID`, `DDA_IMAGE_TOO_LARGE`, `DDA_STORE_MISSING`
 */
export async function fetchPicture(
  images: RoleContext['images'],
  image: ImageRef,
  limits: Required<ImageLimits>,
): Promise<Picture> {
  return { hash: image.hash, ...(await decodePicture(await images.get(image), limits)) }
}

export async function resizePicture(picture: Picture, { width, height, kernel }: Resize): Promise<Picture> {
  if (picture.width === width && picture.height === height) return picture
  const { data } = await rawOf(picture)
    .resize(width, height, { fit: 'fill', kernel })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { hash: picture.hash, width, height, data }
}

/** A part of a picture, at least one pixel wide and high. */
export async function cropPicture(
  picture: Picture,
  part: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
): Promise<Picture> {
  const data = await rawOf(picture).extract(part).raw().toBuffer()
  return { hash: picture.hash, width: part.width, height: part.height, data }
}

/** The picture in the middle of a larger one of one colour. */
export async function padPicture(picture: Picture, side: number, colour: readonly number[]): Promise<Picture> {
  const [left, top] = [Math.floor((side - picture.width) / 2), Math.floor((side - picture.height) / 2)]
  const [r = 0, g = 0, b = 0] = colour
  const data = await rawOf(picture)
    .extend({
      left,
      top,
      right: side - picture.width - left,
      bottom: side - picture.height - top,
      background: { r, g, b },
    })
    .raw()
    .toBuffer()
  return { hash: picture.hash, width: side, height: side, data }
}

/** Grey values of a picture brought to a size, for a mask. */
export async function greyAt(picture: Picture, width: number, height: number): Promise<Uint8Array> {
  const { data } = await resizePicture(picture, { width, height, kernel: 'nearest' })
  return Uint8Array.from({ length: width * height }, (_, i) =>
    Math.round(((data[3 * i] as number) + (data[3 * i + 1] as number) + (data[3 * i + 2] as number)) / 3),
  )
}

function rawOf({ data, width, height }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } })
}
