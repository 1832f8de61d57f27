import { makeThumbnail, THUMBNAIL_SIDE } from '@dda-thinker/pictures'
import { isDdaError } from '@dda-thinker/plugin-api'
import type { ShownPicture } from './page.ts'

/** Bytes of all pictures of a page: as text they are a third more, and the page is to be sent by mail. */
const BUDGET = 1_900_000
/** Pixels on the longer side below which a picture says nothing. */
const SMALLEST = 192

/**
 * The same pictures, where they are too much for a page all of them smaller: their bytes follow from the area, and a little from what a
 * smaller picture holds for each pixel. Without a decoder they stay as they are.
 */
export async function withinBudget(
  pictures: ReadonlyMap<string, ShownPicture>,
): Promise<ReadonlyMap<string, ShownPicture>> {
  const total = [...pictures.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (total <= BUDGET) return pictures
  const side = Math.max(SMALLEST, Math.floor(THUMBNAIL_SIDE * 0.9 * Math.sqrt(BUDGET / total)))
  const smaller = new Map<string, ShownPicture>()
  for (const [hash, picture] of pictures) smaller.set(hash, await within(picture, side))
  return smaller
}

async function within(picture: ShownPicture, side: number): Promise<ShownPicture> {
  try {
    const bytes = await makeThumbnail(picture.bytes, { side })
    return bytes.length < picture.bytes.length ? { bytes, mediaType: 'image/webp' } : picture
  } catch (error) {
    if (isDdaError(error)) return picture
    throw error
  }
}
