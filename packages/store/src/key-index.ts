/** Where a cached result is: a segment file, and a line in it. */
export interface Place {
  readonly segment: number
  readonly offset: number
  /** Bytes without the newline. */
  readonly length: number
}

const WORDS = 2

/**
 * The first 8 bytes of keys → places, by open addressing with linear probing in typed arrays: 24 bytes a slot, no object an entry, so
 * 10^5 results take about 4 MB and the garbage collector never walks them. The line at a place says which key it is of: two keys
 * that begin alike are one here.
 */
export class KeyIndex {
  #slots: number
  #keys: Uint32Array
  #segments: Int32Array
  #offsets: Float64Array
  #lengths: Uint32Array
  #size = 0

  constructor(slots = 1024) {
    this.#slots = slots
    this.#keys = new Uint32Array(slots * WORDS)
    this.#segments = new Int32Array(slots).fill(-1)
    this.#offsets = new Float64Array(slots)
    this.#lengths = new Uint32Array(slots)
  }

  get size(): number {
    return this.#size
  }

  /** Bytes of the tables. */
  get memory(): number {
    return this.#slots * (WORDS * 4 + 4 + 8 + 4)
  }

  /** @param key 32 hex digits */
  get(key: string): Place | undefined {
    const slot = this.#find(words(key))
    const segment = this.#segments[slot] ?? -1
    if (segment < 0) return undefined
    return { segment, offset: this.#offsets[slot] ?? 0, length: this.#lengths[slot] ?? 0 }
  }

  /** A later place for the same key replaces the earlier one. */
  set(key: string, place: Place): void {
    if (this.#size * 5 >= this.#slots * 4) this.#grow()
    this.#put(words(key), place)
  }

  #put(key: Uint32Array, place: Place): void {
    const slot = this.#find(key)
    if ((this.#segments[slot] ?? -1) < 0) {
      this.#size += 1
      this.#keys.set(key, slot * WORDS)
    }
    this.#segments[slot] = place.segment
    this.#offsets[slot] = place.offset
    this.#lengths[slot] = place.length
  }

  /** The key's slot, or the empty one where it belongs. Keys are hashes, so their first word spreads evenly. */
  #find(key: Uint32Array): number {
    let slot = (key[0] ?? 0) % this.#slots
    while ((this.#segments[slot] ?? -1) >= 0) {
      const at = slot * WORDS
      const keys = this.#keys
      if (keys[at] === key[0] && keys[at + 1] === key[1]) break
      slot = slot + 1 === this.#slots ? 0 : slot + 1
    }
    return slot
  }

  #grow(): void {
    // By a quarter: doubling would leave half of it empty on average.
    const bigger = new KeyIndex(Math.ceil(this.#slots * 1.25))
    for (let slot = 0; slot < this.#slots; slot += 1) {
      const segment = this.#segments[slot] ?? -1
      if (segment < 0) continue
      const key = this.#keys.subarray(slot * WORDS, slot * WORDS + WORDS)
      bigger.#put(key, { segment, offset: this.#offsets[slot] ?? 0, length: this.#lengths[slot] ?? 0 })
    }
    this.#slots = bigger.#slots
    this.#keys = bigger.#keys
    this.#segments = bigger.#segments
    this.#offsets = bigger.#offsets
    this.#lengths = bigger.#lengths
  }
}

const scratch = new Uint32Array(WORDS)

function words(key: string): Uint32Array {
  for (let word = 0; word < WORDS; word += 1) scratch[word] = Number.parseInt(key.slice(word * 8, word * 8 + 8), 16)
  return scratch
}
