import { type ImageRef, isDdaError } from '@dda-thinker/plugin-api'
import type { ContentStore, Thumbnails } from '@dda-thinker/store'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { errors } from '../errors.ts'

const TYPES = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' } as const
const NAME = /^([0-9a-f]{64})\.(png|jpg|webp)$/

/** What is under a hash never changes. */
const FOREVER = 'private, max-age=31536000, immutable'

/** Pictures by content: `/pictures/<hash>.<ending>`, small ones under `/thumbnails/`. Nothing else of the disk has an address. */
export function addPictureRoutes(app: FastifyInstance, images: ContentStore, thumbnails: Thumbnails): void {
  app.get<{ Params: { file: string } }>('/pictures/:file', async ({ params }, reply) => {
    const image = imageOfFile(params.file)
    const bytes = await known(images.get(image))
    return send(reply, bytes, image.mediaType)
  })
  app.get<{ Params: { file: string } }>('/thumbnails/:file', async ({ params }, reply) => {
    const { bytes, mediaType } = await known(thumbnails.get(imageOfFile(params.file)))
    return send(reply, bytes, mediaType)
  })
}

/** Only what the store's file names are made of is known of it: its size is not. @throws DdaError `DDA_VIEW_PICTURE` */
export function imageOfFile(file: string): ImageRef {
  const [, hash, ending] = NAME.exec(file) ?? []
  if (hash === undefined || ending === undefined) throw errors.make('DDA_VIEW_PICTURE')
  return { hash, mediaType: TYPES[ending as keyof typeof TYPES], width: 1, height: 1 }
}

/** A picture that is gone or damaged is one that is not there. */
async function known<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (isDdaError(error)) throw errors.make('DDA_VIEW_PICTURE', {}, { cause: error })
    throw error
  }
}

function send(reply: FastifyReply, bytes: Uint8Array, mediaType: string): FastifyReply {
  return reply
    .type(mediaType)
    .header('cache-control', FOREVER)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
}
