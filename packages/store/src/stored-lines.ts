import { fileError } from './files.ts'
import { LinePlaces } from './line-places.ts'
import { TextReader } from './text-file.ts'

/** Bytes that are read at once where lines are gone through. */
const BLOCK = 1 << 20

/**
 * Lines of a file that was read and checked before, gone through again or taken one by one as if they were an array. Memory holds where they
 * are, and one block. Reading is synchronous, for statistics that would otherwise hold everything; no file stays open.
 */
export class StoredLines<T> implements Iterable<T> {
  readonly #file: string
  readonly #read: (value: unknown) => T
  readonly #places = new LinePlaces()
  readonly #text: TextReader

  /** @param read makes the value of what a line holds. Default: that itself */
  constructor(file: string, read: (value: unknown) => T = (value) => value as T) {
    this.#file = file
    this.#read = read
    this.#text = new TextReader(file)
  }

  get length(): number {
    return this.#places.length
  }

  /** A line of the file as it is now. Blank lines before it may be part of it, and before the first one a byte order mark. */
  add(start: number, end: number): void {
    this.#places.add(start, end - start)
  }

  /** @throws DdaError `DDA_DATA_CHANGED` where the file is not what it was */
  at(place: number): T | undefined {
    if (!(place >= 0 && place < this.length)) return undefined
    const start = this.#places.start(place)
    return this.#value(this.#bytes(start, start + this.#places.size(place)))
  }

  /** @throws as {@link at} */
  *[Symbol.iterator](): Generator<T, void, void> {
    const places = this.#places
    for (let first = 0; first < this.length;) {
      const start = places.start(first)
      let last = first
      while (last + 1 < this.length && this.#follows(last, start)) last += 1
      const block = this.#bytes(start, places.start(last) + places.size(last))
      for (let place = first; place <= last; place += 1) {
        const from = places.start(place) - start
        yield this.#value(block.subarray(from, from + places.size(place)))
      }
      first = last + 1
    }
  }

  /** Is the line after this one near enough to be read with it? */
  #follows(place: number, start: number): boolean {
    const next = this.#places.start(place + 1)
    return next >= start && next + this.#places.size(place + 1) - start <= BLOCK
  }

  #value(bytes: Buffer): T {
    const text = bytes.toString('utf8')
    try {
      return this.#read(JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text))
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#text.changed()
      throw error
    }
  }

  #bytes(start: number, end: number): Buffer {
    try {
      return this.#text.read(start, end)
    } catch (error) {
      throw fileError(error, 'read', this.#file)
    }
  }
}
