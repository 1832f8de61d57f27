import type { EditRequest, ImageRef } from '@dda-thinker/plugin-api'
import { createHash } from 'node:crypto'
import { drawnPicture } from './drawn-picture.ts'
import type { Service } from './service-frame.ts'

/** Pixels: what every Editor takes. */
const SIDE = 512

/**
 * An edit to try an open Editor with, of nothing of the project.
 *
 * @param images pictures that it takes
 * @returns the request, and what the Editor holds with a store that has these pictures
 */
export function madeUpEdit<Held extends Service>(
  held: Held,
  images = 1,
): { readonly request: EditRequest; readonly held: Held } {
  const bytes = drawnPicture(SIDE)
  const hash = createHash('sha256').update(bytes).digest('hex')
  const picture: ImageRef = { hash, mediaType: 'image/png', width: SIDE, height: SIDE }
  const { context } = held
  const store = { get: async () => bytes, put: async () => picture }
  return {
    request: { images: Array.from({ length: images }, () => picture), plan: 'Make the ball blue.', seed: 0 },
    held: { ...held, context: { ...context, images: store } },
  }
}
