import { dirname, join } from 'node:path'
import { isNormalPicture, normalPicture, readHeader } from '@dda-thinker/pictures'
import { type ImageRef, type ImageStore, readWhole, removeLeftovers, temporaryName } from '@dda-thinker/plugin-api'
import { BlobCache } from './blob-cache.ts'
import { sha256 } from './canonical.ts'
import { errors } from './errors.ts'
import { errno, fileError, nodeFiles, syncFolder, type Files } from './files.ts'
import { PictureSync } from './picture-sync.ts'

export interface ContentStoreOptions {
  /** Bytes of pictures kept in memory. Default 64 MiB. */
  readonly memory?: number
  readonly files?: Files
}

/** Folder of what is being written. */
const WRITING = 'writing'
/** Bytes of a picture that may be written at once, milliseconds that this may take, and for how many pictures it is remembered. */
const SMALL = 64 * 1024
const AT_ONCE_MS = 5
const SLOW_FOR = 256
const EXTENSIONS = { 'image/png': 'png', 'image/jpeg': 'jpg', 'image/webp': 'webp' } as const

/**
 * Pictures by content: `<dir>/ab/c/<sha256>.png`, plain files that anything can read; 4096 folders
 * keep a million pictures at a few hundred a folder. A blob is written in `<dir>/writing`
 * and renamed into its place, so a half-written one is never seen. It is not synced unless asked, because its name proves its content: a
 * blob that a power cut spoiled is found on the next read, and one that a repeatable Editor made is simply made again.
 */
export class ContentStore implements ImageStore {
  readonly dir: string
  readonly #files: Files
  readonly #memory: BlobCache
  #ready: Promise<void> | undefined
  /** Pictures that are not written at once, because one that was took long. */
  #slow = 0
  readonly #writing = new Map<string, Promise<void>>()

  constructor(dir: string, options: ContentStoreOptions = {}) {
    this.dir = dir
    this.#files = options.files ?? nodeFiles
    this.#memory = new BlobCache(options.memory ?? 64 * 2 ** 20)
  }

  /** Bytes that the pictures kept in memory take. */
  get memory(): number {
    return this.#memory.bytes
  }

  /** Where a picture's file is or would be. */
  path(image: Pick<ImageRef, 'hash' | 'mediaType'>): string {
    return join(this.#folder(image.hash), `${image.hash}.${EXTENSIONS[image.mediaType]}`)
  }

  /** The bytes are shared with other readers: do not change them. */
  async get(image: ImageRef): Promise<Uint8Array> {
    const known = this.#memory.get(image.hash)
    if (known !== undefined) return known
    const path = this.path(image)
    let bytes: Uint8Array
    try {
      bytes = await readWhole(path)
    } catch (error) {
      if (error instanceof RangeError)
        throw errors.make('DDA_STORE_CORRUPT', { path }, { location: path, cause: error })
      if (errno(error) !== 'ENOENT') throw fileError(error, 'read', path)
      throw errors.make('DDA_STORE_MISSING/lost', { hash: image.hash, dir: this.dir }, { location: path, cause: error })
    }
    if (sha256(bytes) !== image.hash) {
      throw errors.make('DDA_STORE_CORRUPT', { path }, { location: path })
    }
    this.#memory.set(image.hash, bytes)
    return bytes
  }

  /**
   * Stores a picture in normal form (`normalPicture` of pictures), so that all who read it see the same pixels; one that has it already
   * keeps its bytes.
   *
   * @param options.durable wait until the picture would survive a power cut; for pictures that cost money.
   * @returns reference to what is stored: its hash is that of `bytes` only where they were kept
   */
  async put(bytes: Uint8Array, options: { readonly durable?: boolean } = {}): Promise<ImageRef> {
    const hash = sha256(bytes)
    const { mediaType, width, height } = readHeader(bytes)
    if (this.#memory.get(hash) !== undefined && isNormalPicture(bytes)) return { hash, mediaType, width, height }
    // To its end and by the same guard as everywhere: what is kept here must not be refused where it is used.
    const { bytes: kept, ...info } = await normalPicture(bytes)
    const image: ImageRef = { hash: kept === bytes ? hash : sha256(kept), ...info }
    let writing = this.#writing.get(image.hash)
    if (writing === undefined) {
      writing = this.#write(image, kept, options.durable === true).finally(() => this.#writing.delete(image.hash))
      this.#writing.set(image.hash, writing)
    }
    await writing
    this.#memory.set(image.hash, kept)
    return image
  }

  /** Is the picture's file there with a sound content? Reads it at most once a process. */
  async has(image: ImageRef): Promise<boolean> {
    try {
      await this.get(image)
      return true
    } catch (error) {
      const code = (error as { code?: unknown }).code
      if (code === 'DDA_STORE_MISSING' || code === 'DDA_STORE_CORRUPT') return false
      throw error
    }
  }

  /** Makes these pictures survive a power cut. */
  async sync(images: Iterable<ImageRef>): Promise<void> {
    const syncing = this.syncing()
    for (const image of images) await syncing.add(image)
    await syncing.finish()
  }

  /** The same for pictures that come one by one, in bounded memory: they are safe when `finish` resolves. */
  syncing(): { add(image: ImageRef): Promise<void>; finish(): Promise<void> } {
    const pictures = new PictureSync(this.dir, this.#files)
    return { add: (image) => pictures.add(this.path(image)), finish: () => pictures.finish() }
  }

  #folder(hash: string): string {
    if (!/^[0-9a-f]{64}$/.test(hash)) {
      throw errors.make('DDA_STORE_MISSING/not-a-hash', { hash: hash.slice(0, 80) })
    }
    return join(this.dir, hash.slice(0, 2), hash.slice(2, 3))
  }

  /** Also where the file is there: that costs no more than to check it, and heals one that a bad disk spoiled. */
  async #write(image: ImageRef, bytes: Uint8Array, durable: boolean): Promise<void> {
    const path = this.path(image)
    const temporary = temporaryName(join(this.dir, WRITING, image.hash))
    try {
      await (this.#ready ??= this.#prepare())
      if (!durable && bytes.length <= SMALL && this.#writesAtOnce(temporary, path, bytes)) return
      const handle = await this.#files.open(temporary, 'w')
      try {
        await handle.writeFile(bytes)
        if (durable) await handle.datasync()
      } finally {
        await handle.close()
      }
      await this.#place(temporary, path)
      if (durable) await syncFolder(dirname(path), this.#files)
    } catch (error) {
      await this.#files.rm(temporary, { force: true }).catch(() => undefined)
      throw fileError(error, 'write', path)
    }
  }

  /**
   * A small file takes a local disk less time than four ways through the thread pool take this process. Where it does not, as with many
   * network file systems, the loop is not held up again for a while.
   *
   * @returns false where it has to be written the other way
   */
  #writesAtOnce(temporary: string, path: string, bytes: Uint8Array): boolean {
    if (this.#slow > 0) {
      this.#slow -= 1
      return false
    }
    const begun = performance.now()
    try {
      this.#files.writeFileSync(temporary, bytes)
      this.#files.renameSync(temporary, path)
      return true
    } catch (error) {
      // The first picture of its folder.
      if (errno(error) === 'ENOENT') return false
      throw error
    } finally {
      if (performance.now() - begun > AT_ONCE_MS) this.#slow = SLOW_FOR
    }
  }

  /** One folder for what is being written, so that killed processes' leftovers are found without looking into every other. */
  async #prepare(): Promise<void> {
    const folder = join(this.dir, WRITING)
    try {
      await this.#files.mkdir(folder, { recursive: true })
      await removeLeftovers(folder)
    } catch (error) {
      this.#ready = undefined
      throw error
    }
  }

  async #place(temporary: string, path: string): Promise<void> {
    try {
      await this.#files.rename(temporary, path)
    } catch (error) {
      if (errno(error) !== 'ENOENT') throw error
      // The first picture of its folder.
      await this.#files.mkdir(dirname(path), { recursive: true })
      await this.#files.rename(temporary, path)
    }
  }
}
