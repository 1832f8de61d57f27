import { createHash } from 'node:crypto'
import { guardImage } from '@dda-thinker/pictures'
import { DdaError, type ImageRef, type ImageStore } from '@dda-thinker/plugin-api'

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
      throw new DdaError('DDA_STORE_MISSING', `no picture ${image.hash} is stored`, {
        next: 'Store it with put() first.',
      })
    }
    return bytes.slice()
  }

  async put(bytes: Uint8Array): Promise<ImageRef> {
    const size = await guardImage(bytes)
    const hash = createHash('sha256').update(bytes).digest('hex')
    this.blobs.set(hash, Uint8Array.from(bytes))
    return { hash, ...size }
  }
}
