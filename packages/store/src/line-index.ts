import { sha256 } from './canonical.ts'
import { KeyIndex } from './key-index.ts'

/** Values by place, from 0, gone through or taken one by one: `StoredLines`, or an array. */
interface Lines<T> extends Iterable<T> {
  at(place: number): T | undefined
}

/**
 * Finds values of a list by a text that each has, an id say, where the list is too long to be held: memory holds about 30 bytes of each
 * that is added.
 */
export class LineIndex<T> {
  readonly #lines: Lines<T>
  readonly #keyOf: (value: T) => string
  readonly #places = new KeyIndex()
  /** The value asked for last: whether there is one is often asked first. */
  #last: { readonly key: string; readonly value: T | undefined } | undefined

  constructor(lines: Lines<T>, keyOf: (value: T) => string) {
    this.#lines = lines
    this.#keyOf = keyOf
  }

  /** Values that were added. */
  get size(): number {
    return this.#places.size
  }

  /**
   * Lets the value at a place be found.
   *
   * @returns false where one with this key is there already; that one stays
   */
  add(key: string, place: number): boolean {
    const digest = sha256(key)
    if (this.#places.get(digest) !== undefined) return false
    this.#places.set(digest, { segment: 0, offset: place, length: 0 })
    this.#last = undefined
    return true
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** @throws whatever the list throws where its file is not what it was */
  get(key: string): T | undefined {
    if (this.#last?.key !== key) this.#last = { key, value: this.#find(key) }
    return this.#last.value
  }

  #find(key: string): T | undefined {
    const place = this.#places.get(sha256(key))
    if (place === undefined) return undefined
    const value = this.#lines.at(place.offset)
    if (value !== undefined && this.#keyOf(value) === key) return value
    // Digests of two keys begin alike, once in 10^7 lists of 10^6.
    for (const other of this.#lines) if (this.#keyOf(other) === key) return other
    return undefined
  }
}
