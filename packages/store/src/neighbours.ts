import { readdirSync, statSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Claims } from './claims.ts'
import { errno, fileError } from './files.ts'
import { leaseHolder, type LeaseOptions } from './lease.ts'

/** Milliseconds between looks at what the others keep, while something is waited for. */
const LOOK_EVERY = 25
/** First pause before it is asked again whether another still works on it, and the longest; it doubles. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 2000
/** A folder that changed this shortly before it was listed may have changed once more in the same tick of the file system's clock. */
const SAME_TICK = 1000

/** What a cache shows of its segments. */
export interface Shelf {
  /** Reads on in a segment of another process, from its beginning where it is new. */
  readOn(name: string): void
  isKnown(name: string): boolean
  /** The segments that were there when the cache was opened. One without a line may be one that is only begun. */
  readonly first: readonly { readonly name: string; readonly isEmpty: boolean }[]
}

/**
 * The other processes that fill a cache at the same time. Of two that want the same result one makes it, and the other finds it: who
 * makes one claims its key, and looks once more at what the others kept before it begins.
 */
export class Neighbours {
  readonly #dir: string
  readonly #claims: Claims
  readonly #shelf: Shelf
  /** Segments that may still grow. */
  readonly #growing: Set<string>
  readonly #waiting = new Map<string, () => void>()
  #looking = false
  #listed = 0

  private constructor(dir: string, claims: Claims, shelf: Shelf, growing: Set<string>) {
    this.#dir = dir
    this.#claims = claims
    this.#shelf = shelf
    this.#growing = growing
  }

  /** @param own name of the segment that this process writes */
  static async open(dir: string, own: string, shelf: Shelf, options: LeaseOptions = {}): Promise<Neighbours> {
    const live = join(dir, 'live')
    const claims = await Claims.open(join(dir, 'claims'), join(live, own), options)
    const growing = new Set(shelf.first.flatMap(({ name, isEmpty }) => (isEmpty && name !== own ? [name] : [])))
    const first = new Set(shelf.first.map(({ name }) => name))
    try {
      for (const name of await readdir(live)) {
        if (name === own || !first.has(name)) continue
        if ((await leaseHolder(join(live, name))) === undefined) await rm(join(live, name), { force: true })
        else growing.add(name)
      }
    } catch (error) {
      throw fileError(error, 'read', live)
    }
    return new Neighbours(dir, claims, shelf, growing)
  }

  /**
   * What `find` finds, once there is something to be found, or what `make` makes, which runs in one process at a time.
   *
   * @param key 32 hex digits
   */
  async alone<T>(key: string, find: () => Promise<T | undefined>, make: () => Promise<T>): Promise<T> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const ours = await this.#claims.take(key)
      try {
        this.#look()
        const found = await find()
        if (found !== undefined) return found
        if (ours) return await make()
      } finally {
        if (ours) await this.#claims.release(key)
      }
      await this.#news(key, pause)
    }
  }

  /** To be told of every result that is read of another process. */
  kept(key: string): void {
    this.#waiting.get(key)?.()
  }

  async close(): Promise<void> {
    await this.#claims.close()
  }

  /** What the others kept since the last look. */
  #look(): void {
    try {
      if (statSync(this.#dir).mtimeMs > this.#listed - SAME_TICK) {
        this.#listed = Date.now()
        for (const name of readdirSync(this.#dir)) {
          if (/^segment-\d{6,}\.jsonl$/.test(name) && !this.#shelf.isKnown(name)) this.#growing.add(name)
        }
      }
      for (const name of this.#growing) this.#readOn(name)
    } catch (error) {
      throw fileError(error, 'read', this.#dir)
    }
  }

  #readOn(name: string): void {
    try {
      this.#shelf.readOn(name)
    } catch (error) {
      if (errno(error) !== 'ENOENT') throw error
      this.#growing.delete(name)
    }
  }

  /** Resolves when somebody has kept the result, or after so many milliseconds. */
  async #news(key: string, ms: number): Promise<void> {
    const kept = new Promise<void>((resolve) => this.#waiting.set(key, resolve))
    const late = new AbortController()
    void this.#watch()
    await Promise.race([kept, sleep(ms, undefined, { signal: late.signal }).catch(() => undefined)])
    late.abort()
    this.#waiting.delete(key)
  }

  /** One for all who wait. */
  async #watch(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    try {
      while (this.#waiting.size > 0) {
        await sleep(LOOK_EVERY)
        this.#look()
      }
    } catch {
      // Whoever waits looks for itself, and is told.
    } finally {
      this.#looking = false
    }
  }
}
