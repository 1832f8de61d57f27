import { dirname } from 'node:path'
import { type Files, fileError, syncFolder } from './files.ts'

/** File systems commit concurrent syncs together. */
const TOGETHER = 16
const WINDOW = 256

/**
 * Makes pictures survive a power cut as they come by: their files in windows, the folders (4096 at most) once at the end, so what is
 * remembered does not grow with their number.
 */
export class PictureSync {
  readonly #dir: string
  readonly #files: Files
  readonly #folders = new Set<string>()
  #waiting = new Set<string>()

  constructor(dir: string, files: Files) {
    this.#dir = dir
    this.#files = files
  }

  /** @param path file of a picture that is in the store */
  async add(path: string): Promise<void> {
    this.#waiting.add(path)
    this.#folders.add(dirname(path))
    if (this.#waiting.size >= WINDOW) await this.#flush()
  }

  /** Resolves when all that was added is safe. */
  async finish(): Promise<void> {
    await this.#flush()
    try {
      for (const folder of this.#folders) await syncFolder(folder, this.#files)
    } catch (error) {
      throw fileError(error, 'sync', this.#dir)
    }
  }

  async #flush(): Promise<void> {
    const work = this.#waiting.values()
    this.#waiting = new Set()
    const one = async (): Promise<void> => {
      for (const path of work) {
        const handle = await this.#files.open(path, 'r')
        try {
          await handle.datasync()
        } finally {
          await handle.close()
        }
      }
    }
    try {
      await Promise.all(Array.from({ length: TOGETHER }, one))
    } catch (error) {
      throw fileError(error, 'sync', this.#dir)
    }
  }
}
