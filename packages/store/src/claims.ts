import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, unlinkSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errno, fileError } from './files.ts'
import { askHolder, changeOf, EXPIRE_AFTER, type Lease, type LeaseHolder, type LeaseOptions } from './lease.ts'
import { readLease, replace, takeLease } from './lease.ts'

/** What was last seen of a claim whose holder cannot be asked. */
interface Seen {
  readonly change: string | undefined
  readonly since: number
}

/**
 * Who works on what, among processes that share a folder. A process has one lease, which it renews; a claim is a hard link to it under the name of
 * what is claimed. So making one is one call that one of several processes succeeds in, all claims of a process are renewed at once,
 * and those of a process that is gone are known by its lease.
 */
export class Claims {
  readonly #dir: string
  readonly #own: string
  readonly #lease: Lease
  readonly #options: LeaseOptions
  readonly #seen = new Map<string, Seen>()

  private constructor(dir: string, own: string, lease: Lease, options: LeaseOptions) {
    this.#dir = dir
    this.#own = own
    this.#lease = lease
    this.#options = options
  }

  /**
   * @param dir folder of the claims
   * @param own file of this process's lease, which nobody else uses, on the same file system
   */
  static async open(dir: string, own: string, options: LeaseOptions = {}): Promise<Claims> {
    try {
      for (const folder of [dir, dirname(own)]) mkdirSync(folder, { recursive: true })
      const lease = await takeLease(own, options)
      if (!('release' in lease)) throw new TypeError(`${own} is held by process ${lease.pid}`)
      const claims = new Claims(dir, own, lease, options)
      await claims.#tidy()
      return claims
    } catch (error) {
      throw fileError(error, 'write', dir)
    }
  }

  /**
   * Claims something, also in the place of a process that is gone.
   *
   * @param name a file name of hexadecimal digits
   * @returns false where another process works on it
   */
  async take(name: string): Promise<boolean> {
    const path = join(this.#dir, name)
    try {
      if (this.#links(path)) return true
      const holder = await readLease(path)
      if (holder === undefined) return this.#links(path)
      if (await this.#isHeld(path, holder)) return false
      const claim = `${path}.${randomUUID()}`
      if (!this.#links(claim)) return false
      try {
        await replace(path, claim, holder, this.#options)
        return (await readLease(path))?.token === this.#lease.token
      } finally {
        await rm(claim, { force: true })
      }
    } catch (error) {
      throw fileError(error, 'claim', path)
    }
  }

  /** Gives back what {@link take} gave. */
  async release(name: string): Promise<void> {
    const path = join(this.#dir, name)
    try {
      // Whoever was taken for dead may find another's claim.
      if (this.#lease.lost.aborted && (await readLease(path))?.token !== this.#lease.token) return
      unlinkSync(path)
    } catch (error) {
      if (errno(error) !== 'ENOENT') throw fileError(error, 'release', path)
    }
  }

  async close(): Promise<void> {
    await this.#lease.release()
  }

  #links(path: string): boolean {
    try {
      linkSync(this.#own, path)
      return true
    } catch (error) {
      const code = errno(error)
      // A file has 65,000 names at most on some file systems: the claim waits for others to be given back.
      if (code === 'EEXIST' || code === 'EMLINK') return false
      throw error
    }
  }

  /** Without waiting: who cannot be asked is watched from call to call. */
  async #isHeld(path: string, holder: LeaseHolder): Promise<boolean> {
    const alive = askHolder(holder)
    if (alive !== undefined) return alive
    const change = await changeOf(path)
    const seen = this.#seen.get(path)
    const now = performance.now()
    if (seen === undefined || seen.change !== change) {
      this.#seen.set(path, { change, since: now })
      return true
    }
    if (now - seen.since < (this.#options.expireAfter ?? EXPIRE_AFTER)) return true
    this.#seen.delete(path)
    return false
  }

  /** Claims that killed processes left are given back. */
  async #tidy(): Promise<void> {
    for (const name of await readdir(this.#dir)) {
      if (!/^[0-9a-f]+$/.test(name)) continue
      const holder = await readLease(join(this.#dir, name))
      if (holder !== undefined && askHolder(holder) === false && (await this.take(name))) await this.release(name)
    }
  }
}
