/** Bytes that a part of the texts has; a text lies in one part. */
const PART = 1 << 20

/** The letters of each row in which is searched, in lower case, in large pieces: some hundred bytes a row. */
export class SearchTexts {
  readonly #parts: { readonly bytes: Uint8Array; used: number; readonly first: number; readonly ends: number[] }[] = []
  #rows = 0

  get length(): number {
    return this.#rows
  }

  /** The text of the next row. */
  add(text: string): void {
    const bytes = new TextEncoder().encode(text.toLowerCase())
    let part = this.#parts.at(-1)
    if (part === undefined || part.used + bytes.length + 1 > part.bytes.length) {
      part = { bytes: new Uint8Array(Math.max(PART, bytes.length + 1)), used: 0, first: this.#rows, ends: [] }
      this.#parts.push(part)
    }
    part.bytes.set(bytes, part.used)
    // 0 ends it: no text that somebody types goes across.
    part.used += bytes.length + 1
    part.ends.push(part.used)
    this.#rows += 1
  }

  /** The texts, row by row. */
  *[Symbol.iterator](): Generator<string, void, void> {
    const decoder = new TextDecoder()
    for (const { bytes, ends } of this.#parts) {
      let start = 0
      for (const end of ends) {
        yield decoder.decode(bytes.subarray(start, end - 1))
        start = end
      }
    }
  }

  /** One bit a row: is the text in it? Letters of either case are alike. */
  search(text: string, find: (bytes: Uint8Array, wanted: Uint8Array, from: number) => number): Uint8Array<ArrayBuffer> {
    const found = new Uint8Array(Math.ceil(this.#rows / 8))
    const wanted = new TextEncoder().encode(text.toLowerCase())
    for (const { bytes, used, first, ends } of this.#parts) {
      const part = bytes.subarray(0, used)
      let row = 0
      for (let at = find(part, wanted, 0); at !== -1;) {
        while ((ends[row] ?? used) <= at) row += 1
        const place = first + row
        found[place >> 3] = (found[place >> 3] ?? 0) | (1 << (place & 7))
        at = find(part, wanted, ends[row] ?? used)
      }
    }
    return found
  }
}
