import { LRUCache } from 'lru-cache'

/** What an entry costs beside its bytes: key, view, buffer and map slot. */
const OVERHEAD = 512

/** Least-recently-used bytes by key, bounded by their total size in memory. */
export class BlobCache {
  readonly #entries: LRUCache<string, Uint8Array>

  /** @param limit total bytes kept */
  constructor(limit: number) {
    this.#entries = new LRUCache({ maxSize: Math.max(1, limit), sizeCalculation: (bytes) => bytes.length + OVERHEAD })
  }

  get bytes(): number {
    return this.#entries.calculatedSize
  }

  get(key: string): Uint8Array | undefined {
    return this.#entries.get(key)
  }

  set(key: string, value: Uint8Array): void {
    if (value.length + OVERHEAD > this.#entries.maxSize || this.#entries.has(key)) return
    // A view into a larger buffer would keep all of it alive.
    this.#entries.set(key, value.byteLength < value.buffer.byteLength ? Uint8Array.from(value) : value)
  }
}
