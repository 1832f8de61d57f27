/** Where lines of a file begin and how long they are, in bytes: 12 bytes a line. */
export class LinePlaces {
  #starts = new Float64Array(1024)
  #sizes = new Uint32Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** @param place below `length`, as everywhere here */
  start(place: number): number {
    return this.#starts[place] ?? 0
  }

  size(place: number): number {
    return this.#sizes[place] ?? 0
  }

  add(start: number, size: number): void {
    if (this.#length === this.#sizes.length) {
      const [starts, sizes] = [new Float64Array(this.#length * 2), new Uint32Array(this.#length * 2)]
      starts.set(this.#starts)
      sizes.set(this.#sizes)
      this.#starts = starts
      this.#sizes = sizes
    }
    this.#starts[this.#length] = start
    this.#sizes[this.#length] = size
    this.#length += 1
  }
}
