import { createHash } from 'node:crypto'

const WORDS = 4

/**
 * Texts that were seen, for telling repetitions apart in data of any length: 16 bytes of SHA-256 each, in one typed array, so that
 * 10^5 texts take 4 MB and none of them keeps the line that it was cut from alive. Two texts are taken for one with a probability
 * below 10^-28 at 10^5 texts.
 */
export class DigestSet {
  #slots = 1024
  #words = new Uint32Array(this.#slots * WORDS)
  #used = new Uint8Array(this.#slots)
  #size = 0

  /** Texts in it. */
  get size(): number {
    return this.#size
  }

  /**
   * Puts a text in.
   *
   * @returns whether it is new
   */
  add(text: string): boolean {
    if (this.#size * 4 >= this.#slots * 3) this.#grow()
    const digest = digestOf(text)
    const slot = this.#find(digest)
    if (this.#used[slot] === 1) return false
    this.#put(slot, digest)
    return true
  }

  /** Was it put in? */
  has(text: string): boolean {
    return this.#used[this.#find(digestOf(text))] === 1
  }

  #put(slot: number, digest: Uint32Array): void {
    this.#words.set(digest, slot * WORDS)
    this.#used[slot] = 1
    this.#size += 1
  }

  /** The digest's slot, or the empty one where it belongs. */
  #find(digest: Uint32Array): number {
    let slot = (digest[0] ?? 0) % this.#slots
    while (this.#used[slot] === 1 && !this.#equals(slot, digest)) slot = slot + 1 === this.#slots ? 0 : slot + 1
    return slot
  }

  #equals(slot: number, digest: Uint32Array): boolean {
    const at = slot * WORDS
    for (let word = 0; word < WORDS; word += 1) if (this.#words[at + word] !== digest[word]) return false
    return true
  }

  #grow(): void {
    const [words, used] = [this.#words, this.#used]
    this.#slots *= 2
    this.#words = new Uint32Array(this.#slots * WORDS)
    this.#used = new Uint8Array(this.#slots)
    this.#size = 0
    for (let slot = 0; slot < used.length; slot += 1) {
      if (used[slot] !== 1) continue
      const digest = words.subarray(slot * WORDS, slot * WORDS + WORDS)
      this.#put(this.#find(digest), digest)
    }
  }
}

function digestOf(text: string): Uint32Array {
  const bytes = createHash('sha256').update(text).digest()
  return Uint32Array.from({ length: WORDS }, (_, word) => bytes.readUInt32LE(word * 4))
}
