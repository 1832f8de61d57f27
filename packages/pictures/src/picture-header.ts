import type { Size } from './png.ts'

/** What an encoded picture says of itself before its pixels. */
export interface PictureHeader extends Size {
  /** EXIF 3.0, 4.6.5.1: 1 as stored, 2 to 4 mirrored or upside down, 5 to 8 with sides exchanged. {@link Size} is as stored. */
  readonly orientation: number
  /** In words, what keeps its stored numbers from being the 8-bit sRGB pixels that everybody sees; empty for a plain picture. */
  readonly odd: readonly string[]
}

/** Width and height as people see them. */
export function uprightSize({ width, height, orientation }: PictureHeader): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height }
}
