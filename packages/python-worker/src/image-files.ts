import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ImageRef, type ImageStore, temporaryFolder } from '@dda-thinker/plugin-api'

/** Bytes of files that nobody uses which are kept for the next step. */
const KEPT = 512 * 1024 * 1024

/** A picture as a worker gets it: its content hash, and a file that holds those bytes. */
export interface WireImage {
  readonly hash: string
  readonly path: string
  readonly width: number
  readonly height: number
}

interface File {
  readonly hash: string
  readonly path: string
  /** Resolves to its size when it is written. */
  readonly written: Promise<number>
  users: number
  bytes: number
}

export interface HeldImages {
  readonly images: readonly WireImage[]
  /** Must be called once. */
  readonly release: () => Promise<void>
}

/** Pictures of the run as files in a folder of this process, where a worker reads them; gone after {@link close}. */
export class ImageFiles {
  readonly #images: ImageStore
  readonly #folder: string
  /** By hash, the longest unused first. */
  readonly #files = new Map<string, File>()

  private constructor(images: ImageStore, folder: string) {
    this.#images = images
    this.#folder = folder
  }

  static async open(images: ImageStore): Promise<ImageFiles> {
    return new ImageFiles(images, await temporaryFolder('dda-images'))
  }

  /** Writes pictures that are not there yet; they stay until they are released. @throws what the store throws */
  async hold(images: readonly ImageRef[]): Promise<HeldImages> {
    const files = images.map((image) => this.#take(image))
    const release = (): Promise<void> => this.#release(files)
    try {
      await Promise.all(
        files.map(async (file) => {
          file.bytes = await file.written
        }),
      )
    } catch (error) {
      await release()
      throw error
    }
    const wire = images.map(({ hash, width, height }, i) => ({ hash, path: (files[i] as File).path, width, height }))
    return { images: wire, release }
  }

  async close(): Promise<void> {
    this.#files.clear()
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #release(files: readonly File[]): Promise<void> {
    for (const file of files) {
      file.users--
      if (this.#files.get(file.hash) !== file) continue
      this.#files.delete(file.hash)
      this.#files.set(file.hash, file)
    }
    await this.#shrink()
  }

  #take(image: ImageRef): File {
    const known = this.#files.get(image.hash)
    if (known !== undefined) {
      known.users++
      return known
    }
    const path = join(this.#folder, `${image.hash}.${image.mediaType.slice('image/'.length)}`)
    const file: File = { hash: image.hash, path, written: this.#write(image, path), users: 1, bytes: 0 }
    file.written.catch(() => {
      // The next one that asks tries again.
      if (this.#files.get(image.hash) === file) this.#files.delete(image.hash)
    })
    this.#files.set(image.hash, file)
    return file
  }

  async #write(image: ImageRef, path: string): Promise<number> {
    const bytes = await this.#images.get(image)
    await writeFile(path, bytes)
    return bytes.length
  }

  async #shrink(): Promise<void> {
    let total = [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes, 0)
    for (const [hash, file] of this.#files) {
      if (total <= KEPT) return
      if (file.users > 0) continue
      total -= file.bytes
      this.#files.delete(hash)
      await rm(file.path, { force: true })
    }
  }
}
