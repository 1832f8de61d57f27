import { existsSync } from 'node:fs'
import { link, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

interface Saved {
  readonly version: number
  readonly folder: string
}

/**
 * The last state of the policy that files hold, for the next worker where this one dies. Whoever had it saved may move or
 * delete those files, so hard links to them are kept in a folder of the run where there is one: they cost no space.
 */
export class Savepoint {
  readonly #links: string | undefined
  #saved: Saved | undefined

  /** @param links folder of its own for links; absent: the files are taken from where they were written */
  constructor(links: string | undefined) {
    this.#links = links
  }

  /** Version of the state; undefined where there is none. */
  get version(): number | undefined {
    return this.#saved?.version
  }

  /** The folder with the state of a version, if it is still there. */
  at(version: number): string | undefined {
    const saved = this.#saved
    return saved?.version === version && existsSync(saved.folder) ? saved.folder : undefined
  }

  /** Remembers a folder that the worker has written or read. */
  async keep(folder: string, version: number): Promise<void> {
    this.#saved = { version, folder: (await this.#linked(folder, version)) ?? folder }
  }

  async close(): Promise<void> {
    this.#saved = undefined
    if (this.#links !== undefined) await rm(this.#links, { recursive: true, force: true })
  }

  async #linked(folder: string, version: number): Promise<string | undefined> {
    if (this.#links === undefined) return undefined
    const target = join(this.#links, `version-${version}`)
    try {
      await rm(this.#links, { recursive: true, force: true })
      await mkdir(target, { recursive: true })
      for (const name of await readdir(folder)) await link(join(folder, name), join(target, name))
      return target
    } catch {
      // Another file system, or one without links: then the files count as long as they lie where they were written.
      return undefined
    }
  }
}
