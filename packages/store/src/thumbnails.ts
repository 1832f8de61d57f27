import { stat } from 'node:fs/promises'
import { isDdaError, type ImageRef, readWhole } from '@dda-thinker/plugin-api'
import { makeThumbnail } from '@dda-thinker/pictures'
import { BlobCache } from './blob-cache.ts'
import type { ContentStore } from './content-store.ts'
import { writeFileAtomic } from './files.ts'

/** A picture of at most this many bytes is its own thumbnail: WebP would save nothing that a page notices. */
const SMALL_BYTES = 16 * 1024
/** Pictures decoded at the same time: one of 4096 × 4096 pixels takes 50 MB while it is. */
const AT_ONCE = 2

/** A picture as pages show it. */
export interface Thumbnail {
  readonly bytes: Uint8Array
  readonly mediaType: ImageRef['mediaType']
}

export interface ThumbnailsOptions {
  /** Bytes of thumbnails kept in memory. Default 32 MiB. */
  readonly memory?: number
}

/**
 * Thumbnails of a store's pictures, made when they are first asked for and kept beside the originals as `<sha256>.512.webp`. Where the
 * store cannot be written (a read-only disk, another user's project) they are kept in memory alone.
 */
export class Thumbnails {
  readonly #store: ContentStore
  readonly #memory: BlobCache
  readonly #making = new Map<string, Promise<Thumbnail>>()
  readonly #waiting: (() => void)[] = []
  #free = AT_ONCE

  constructor(store: ContentStore, options: ThumbnailsOptions = {}) {
    this.#store = store
    this.#memory = new BlobCache(options.memory ?? 32 * 2 ** 20)
  }

  /** Where the thumbnail of a picture is kept. */
  path(image: Pick<ImageRef, 'hash' | 'mediaType'>): string {
    return this.#store.path(image).replace(/\.\w+$/, '.512.webp')
  }

  /**
   * The thumbnail of a picture, or the picture itself where it is small or no decoder is installed. The bytes are shared: do not
   * change them.
   *
   * @throws DdaError `DDA_STORE_MISSING`, `DDA_STORE_CORRUPT`, `DDA_IMAGE_INVALID`
   */
  async get(image: ImageRef): Promise<Thumbnail> {
    const known = this.#memory.get(image.hash)
    if (known !== undefined) return { bytes: known, mediaType: typeOf(known, image) }
    let making = this.#making.get(image.hash)
    if (making === undefined) {
      making = this.#make(image).finally(() => this.#making.delete(image.hash))
      this.#making.set(image.hash, making)
    }
    return making
  }

  async #make(image: ImageRef): Promise<Thumbnail> {
    const path = this.path(image)
    const kept = (await readIfThere(path)) ?? (await this.#small(image))
    const bytes = kept ?? (await this.#written(path, image))
    this.#memory.set(image.hash, bytes)
    return { bytes, mediaType: typeOf(bytes, image) }
  }

  /** The picture itself, where it is small enough to stand for itself. */
  async #small(image: ImageRef): Promise<Uint8Array | undefined> {
    const facts = await stat(this.#store.path(image)).catch(() => undefined)
    return facts !== undefined && facts.size <= SMALL_BYTES ? this.#store.get(image) : undefined
  }

  async #written(path: string, image: ImageRef): Promise<Uint8Array> {
    const bytes = await this.#store.get(image)
    await this.#begin()
    let made: Uint8Array
    try {
      made = await makeThumbnail(bytes)
    } catch (error) {
      if (isDdaError(error) && error.code === 'DDA_IMAGE_DECODER') return bytes
      throw error
    } finally {
      this.#end()
    }
    // What cannot be kept is made again next time; nothing depends on it.
    await writeFileAtomic(path, made, { durable: false }).catch(() => undefined)
    return made
  }

  async #begin(): Promise<void> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #end(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}

/** A file that was cut short, by a full disk say, or that cannot be read is as good as absent. */
async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  const bytes = await readWhole(path).catch(() => undefined)
  return bytes !== undefined && isWebp(bytes) && bytes.readUInt32LE(4) + 8 === bytes.length ? bytes : undefined
}

function isWebp(bytes: Uint8Array): boolean {
  return bytes.length >= 12 && Buffer.from(bytes.buffer, bytes.byteOffset + 8, 4).toString('latin1') === 'WEBP'
}

function typeOf(bytes: Uint8Array, { mediaType }: ImageRef): ImageRef['mediaType'] {
  return isWebp(bytes) ? 'image/webp' : mediaType
}
