import { createHash } from 'node:crypto'
import { normalPicture } from '@dda-thinker/pictures'
import type { ImageRef, ImageStore } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/** An {@link ImageStore} in memory. It hands out copies, so a role that writes into its input harms only itself. */
export class MemoryImages implements ImageStore {
  private readonly blobs = new Map<string, Uint8Array>()

  /** Pictures stored. */
  get size(): number {
    return this.blobs.size
  }

  async get(image: ImageRef): Promise<Uint8Array> {
    const bytes = this.blobs.get(image.hash)
    if (bytes === undefined) {
      throw errors.make('DDA_STORE_MISSING/fake', { hash: image.hash })
    }
    return bytes.slice()
  }

  async put(bytes: Uint8Array): Promise<ImageRef> {
    const { bytes: kept, ...info } = await normalPicture(bytes)
    const hash = createHash('sha256').update(kept).digest('hex')
    this.blobs.set(hash, Uint8Array.from(kept))
    return { hash, ...info }
  }
}
