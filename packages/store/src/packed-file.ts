import { closeSync, fstatSync, readSync } from 'node:fs'
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { errors } from './errors.ts'
import { openRegularSync } from './regular-file.ts'

/*
 * BGZF (SAM/BAM format specification, section 4.1): gzip members of 64 KiB at most, each of which says how long it is. Any gunzip reads such a
 * file from its beginning to its end; whoever knows the members reads it at any place.
 */

/** Bytes that a member holds, as bgzip has them: even where they cannot be packed the member stays below 64 KiB. */
export const BLOCK = 0xff00
const HEAD = Buffer.from('1f8b08040000000000ff0600424302000000', 'hex')
const FOOT = 8
/** An empty member ends a file: one that lost its end can be told. */
export const END = packedBlock(Buffer.alloc(0))

/** A member that holds the bytes, {@link BLOCK} of them at most. */
export function packedBlock(bytes: Buffer): Buffer {
  const body = deflateRawSync(bytes, { level: 9 })
  const head = Buffer.from(HEAD)
  const size = HEAD.length + body.length + FOOT
  head.writeUInt16LE(size - 1, 16)
  const foot = Buffer.alloc(FOOT)
  foot.writeUInt32LE(crc32(bytes), 0)
  foot.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([head, body, foot], size)
}

/** Reads a packed file by the places that its bytes had before they were packed. No file stays open. */
export class PackedFile {
  readonly path: string
  readonly inode: number
  /** Bytes of what is packed. */
  readonly size: number
  /** Where members begin in the file and what they hold begins, with a last entry for the end. */
  readonly #starts: readonly number[]
  readonly #firsts: readonly number[]
  #kept: { readonly member: number; readonly bytes: Buffer } | undefined

  private constructor(path: string, inode: number, starts: readonly number[], firsts: readonly number[]) {
    this.path = path
    this.inode = inode
    this.#starts = starts
    this.#firsts = firsts
    this.size = firsts.at(-1) ?? 0
  }

  /** Reads where members begin: 18 bytes of each. @throws DdaError `DDA_DATA_CORRUPT`; the file system's own errors */
  static open(path: string): PackedFile {
    const file = openRegularSync(path)
    try {
      const { ino, size } = fstatSync(file)
      const [starts, firsts] = [[0], [0]]
      const head = Buffer.alloc(FOOT + HEAD.length)
      let [at, first] = [0, 0]
      let last = -1
      while (at < size) {
        // With the foot of the member before, which says how much that holds.
        readSync(file, head, FOOT, HEAD.length, at)
        if (!isHead(head.subarray(FOOT))) throw errors.make('DDA_DATA_CORRUPT/packed', { path, at })
        const next = at + head.readUInt16LE(FOOT + 16) + 1
        if (next > size) throw errors.make('DDA_DATA_CORRUPT/packed', { path, at })
        readSync(file, head, 0, 4, next - 4)
        last = head.readUInt32LE(0)
        at = next
        first += last
        starts.push(at)
        firsts.push(first)
      }
      if (last !== 0) throw errors.make('DDA_DATA_CORRUPT/packed', { path, at })
      return new PackedFile(path, ino, starts, firsts)
    } finally {
      closeSync(file)
    }
  }

  /** @throws DdaError `DDA_DATA_CORRUPT`, `DDA_DATA_CHANGED` */
  read(start: number, end: number): Buffer {
    const parts: Buffer[] = []
    for (let member = this.#memberAt(start); member + 1 < this.#starts.length; member += 1) {
      const first = this.#firsts[member] ?? 0
      if (first >= end) break
      parts.push(this.#unpacked(member).subarray(Math.max(0, start - first), end - first))
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
  }

  /** What is packed, a member at a time, from a place on. */
  *chunks(from = 0): Generator<Buffer, void, void> {
    for (let member = this.#memberAt(from); member + 1 < this.#starts.length; member += 1) {
      const bytes = this.#unpacked(member)
      const first = this.#firsts[member] ?? 0
      if (bytes.length > 0) yield from > first ? bytes.subarray(from - first) : bytes
    }
  }

  /** The last member that begins there or before. */
  #memberAt(place: number): number {
    let [low, high] = [0, this.#firsts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#firsts[middle] ?? 0) <= place) low = middle
      else high = middle - 1
    }
    return low
  }

  #unpacked(member: number): Buffer {
    if (this.#kept?.member === member) return this.#kept.bytes
    const [start, end] = [this.#starts[member] ?? 0, this.#starts[member + 1] ?? 0]
    const packed = Buffer.allocUnsafe(end - start)
    const file = openRegularSync(this.path)
    try {
      const isSame = fstatSync(file).ino === this.inode
      if (!isSame || readSync(file, packed, 0, packed.length, start) < packed.length) {
        throw errors.make('DDA_DATA_CHANGED', { file: this.path }, { location: this.path })
      }
    } finally {
      closeSync(file)
    }
    const bytes = this.#inflated(packed, start)
    this.#kept = { member, bytes }
    return bytes
  }

  #inflated(packed: Buffer, at: number): Buffer {
    const size = packed.readUInt32LE(packed.length - 4)
    const corrupt = () => errors.make('DDA_DATA_CORRUPT/packed', { path: this.path, at }, { location: this.path })
    let bytes: Buffer
    try {
      bytes = inflateRawSync(packed.subarray(HEAD.length, -FOOT), { maxOutputLength: BLOCK + 1 })
    } catch {
      throw corrupt()
    }
    if (bytes.length !== size || crc32(bytes) !== packed.readUInt32LE(packed.length - FOOT)) throw corrupt()
    return bytes
  }
}

function isHead(head: Buffer): boolean {
  return head.subarray(0, 4).equals(HEAD.subarray(0, 4)) && head.subarray(10, 16).equals(HEAD.subarray(10, 16))
}
