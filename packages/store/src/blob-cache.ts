/** What an entry costs beside its bytes: key, view, buffer and map slot. */
const OVERHEAD = 512

/** Least-recently-used bytes by key, bounded by their total size in memory. */
export class BlobCache {
  readonly #limit: number
  readonly #entries = new Map<string, Uint8Array>()
  #bytes = 0

  /** @param limit total bytes kept */
  constructor(limit: number) {
    this.#limit = limit
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Uint8Array | undefined {
    const found = this.#entries.get(key)
    if (found === undefined) return undefined
    // A Map keeps insertion order: inserting again makes the entry the youngest.
    this.#entries.delete(key)
    this.#entries.set(key, found)
    return found
  }

  set(key: string, value: Uint8Array): void {
    if (value.length + OVERHEAD > this.#limit || this.#entries.has(key)) return
    // A view into a larger buffer would keep all of it alive.
    const own = value.byteLength < value.buffer.byteLength ? Uint8Array.from(value) : value
    this.#entries.set(key, own)
    this.#bytes += own.length + OVERHEAD
    for (const [oldest, bytes] of this.#entries) {
      if (this.#bytes <= this.#limit) break
      this.#entries.delete(oldest)
      this.#bytes -= bytes.length + OVERHEAD
    }
  }
}
