/** The arrays of columns: what each holds an entry of. */
type TypedArray =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>

/** Name of the kind of an array, as the wire has it. */
export type Kind = 'u8' | 'u16' | 'u32' | 'f32'

const MAKERS: Readonly<Record<Kind, (size: number) => TypedArray>> = {
  u8: (size) => new Uint8Array(size),
  u16: (size) => new Uint16Array(size),
  u32: (size) => new Uint32Array(size),
  f32: (size) => new Float32Array(size),
}

/** A typed array that grows at its end, doubling. */
export class Growing {
  readonly kind: Kind
  #values: TypedArray
  #length = 0

  constructor(kind: Kind, capacity = 1024) {
    this.kind = kind
    this.#values = MAKERS[kind](capacity)
  }

  get length(): number {
    return this.#length
  }

  /** 0 where there is none. */
  at(place: number): number {
    return place < this.#length ? (this.#values[place] ?? 0) : 0
  }

  push(value: number): void {
    this.#reserve(1)
    this.#values[this.#length] = value
    this.#length += 1
  }

  /** Little-endian bytes, as {@link bytes} gives them. */
  append(bytes: Uint8Array): void {
    const count = bytes.length / this.#values.BYTES_PER_ELEMENT
    this.#reserve(count)
    const offset = this.#length * this.#values.BYTES_PER_ELEMENT
    new Uint8Array(this.#values.buffer).set(bytes, offset)
    this.#length += count
  }

  /** A copy of the values from `from` on. */
  bytes(from: number): Uint8Array<ArrayBuffer> {
    const size = this.#values.BYTES_PER_ELEMENT
    return new Uint8Array(this.#values.buffer.slice(from * size, this.#length * size))
  }

  /** The values as they are now: a view that the next growth leaves behind. */
  view(): TypedArray {
    return this.#values.subarray(0, this.#length)
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#values.length) return
    const larger = MAKERS[this.kind](Math.max(this.#values.length * 2, this.#length + count))
    larger.set(this.#values.subarray(0, this.#length))
    this.#values = larger
  }
}
