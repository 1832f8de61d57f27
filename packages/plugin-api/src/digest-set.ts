import { hash } from 'node:crypto'

const WORDS = 2

/**
 * Texts that were seen, for telling repetitions apart in data of any length: 8 bytes of SHA-256 each, in one typed array, so that
 * 10^5 texts take 2 MB and none of them keeps the line that it was cut from alive. Two texts are taken for one with a probability
 * of 3·10^-10 at 10^5 texts, and of 3·10^-8 at 10^6: whoever may not err looks at the texts again where one seems to repeat.
 */
export class DigestSet {
  #slots = 1024
  /** A slot of zeros is empty. */
  #words = new Uint32Array(this.#slots * WORDS)
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
    if (this.#size * 5 >= this.#slots * 4) this.#grow()
    const digest = digestOf(text)
    const slot = this.#find(digest)
    if (!this.#isEmpty(slot)) return false
    this.#put(slot, digest)
    return true
  }

  /** Was it put in? */
  has(text: string): boolean {
    return !this.#isEmpty(this.#find(digestOf(text)))
  }

  /**
   * Takes a text out.
   *
   * @returns whether it was in
   */
  delete(text: string): boolean {
    let hole = this.#find(digestOf(text))
    if (this.#isEmpty(hole)) return false
    this.#size -= 1
    // What was put behind it because the place was taken moves up, so that no search ends too early (Knuth, 6.4, algorithm R).
    for (let slot = this.#after(hole); !this.#isEmpty(slot); slot = this.#after(slot)) {
      const home = (this.#words[slot * WORDS] ?? 0) % this.#slots
      const stays = hole < slot ? home > hole && home <= slot : home > hole || home <= slot
      if (stays) continue
      this.#words.copyWithin(hole * WORDS, slot * WORDS, slot * WORDS + WORDS)
      hole = slot
    }
    this.#words.fill(0, hole * WORDS, hole * WORDS + WORDS)
    return true
  }

  #put(slot: number, digest: Uint32Array): void {
    this.#words.set(digest, slot * WORDS)
    this.#size += 1
  }

  /** The digest's slot, or the empty one where it belongs. */
  #find(digest: Uint32Array): number {
    let slot = (digest[0] ?? 0) % this.#slots
    while (!this.#isEmpty(slot) && !this.#equals(slot, digest)) slot = this.#after(slot)
    return slot
  }

  #after(slot: number): number {
    return slot + 1 === this.#slots ? 0 : slot + 1
  }

  #isEmpty(slot: number): boolean {
    const at = slot * WORDS
    for (let word = 0; word < WORDS; word += 1) if (this.#words[at + word] !== 0) return false
    return true
  }

  #equals(slot: number, digest: Uint32Array): boolean {
    const at = slot * WORDS
    for (let word = 0; word < WORDS; word += 1) if (this.#words[at + word] !== digest[word]) return false
    return true
  }

  #grow(): void {
    const words = this.#words
    const before = this.#slots
    // By a quarter: doubling would leave half of it empty on average.
    this.#slots = Math.ceil(this.#slots * 1.25)
    this.#words = new Uint32Array(this.#slots * WORDS)
    this.#size = 0
    for (let slot = 0; slot < before; slot += 1) {
      const digest = words.subarray(slot * WORDS, slot * WORDS + WORDS)
      if (digest.some((word) => word !== 0)) this.#put(this.#find(digest), digest)
    }
  }
}

function digestOf(text: string): Uint32Array {
  const bytes = hash('sha256', text, 'buffer')
  const digest = Uint32Array.from({ length: WORDS }, (_, word) => bytes.readUInt32LE(word * 4))
  if (digest.every((word) => word === 0)) digest[0] = 1
  return digest
}
