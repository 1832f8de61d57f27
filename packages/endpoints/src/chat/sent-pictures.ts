import { withinPixels } from '@dda-thinker/pictures'
import type { ImageRef, ImageStore } from '@dda-thinker/plugin-api'

/** Reduced pictures that are kept: the plans of a group, and the items of a sample, show the same ones. */
const KEPT = 32

type Sent = Awaited<ReturnType<typeof withinPixels>>

const reduced = new Map<string, Promise<Sent>>()

/** A stored picture as it is sent: with at most so many pixels. @throws what the store and `withinPixels` throw */
export async function sentPicture(images: ImageStore, image: ImageRef, maxPixels: number): Promise<Sent> {
  if (image.width * image.height <= maxPixels) {
    return { bytes: await images.get(image), mediaType: image.mediaType }
  }
  // By content, so it does not matter whose store it is.
  const key = `${image.hash} ${maxPixels}`
  const known = reduced.get(key)
  const making = known ?? images.get(image).then((bytes) => withinPixels(bytes, image, maxPixels))
  reduced.delete(key)
  reduced.set(key, making)
  for (const oldest of reduced.keys()) {
    if (reduced.size <= KEPT) break
    reduced.delete(oldest)
  }
  try {
    return await making
  } catch (error) {
    // The next one that asks tries again.
    if (reduced.get(key) === making) reduced.delete(key)
    throw error
  }
}
