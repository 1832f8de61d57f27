import { BadPicture } from './picture-error.ts'
import type { ImageInfo } from './read-header.ts'
import { sharpIfInstalled } from './sharp.ts'

/** Edge of what is kept of each block of pixels; decoders read all of a JPEG or WebP to make it this small. */
const SHRINK = 8

/** @throws BadPicture where the decoder has anything to say against the pixels; passes all where sharp is not installed */
export async function checkDecodes(bytes: Uint8Array, { width, height }: ImageInfo): Promise<void> {
  const sharp = await sharpIfInstalled()
  if (sharp === undefined) return
  try {
    await sharp(bytes, { failOn: 'warning', limitInputPixels: false })
      .resize(Math.ceil(width / SHRINK), Math.ceil(height / SHRINK), { fit: 'fill' })
      .raw()
      .toBuffer()
  } catch (error) {
    throw new BadPicture(
      `its pixels cannot be read (${error instanceof Error ? firstLine(error.message) : String(error)})`,
    )
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
