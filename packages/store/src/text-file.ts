import { closeSync, existsSync, fstatSync, readSync, statSync } from 'node:fs'
import { errors } from './errors.ts'
import { errno } from './files.ts'
import { PackedFile } from './packed-file.ts'
import { fileChunks, openRegularSync } from './regular-file.ts'

/** Where the packed form of a file of lines is. */
export function packedPath(path: string): string {
  return `${path}.gz`
}

/** What tells whether a file of lines is the one that it was, and how far it goes; places are those of the plain form in either. */
export interface TextFacts {
  readonly inode: number
  /** Bytes of the text. */
  readonly size: number
  readonly isPacked: boolean
}

/** Undefined where there is neither a plain nor a packed file. */
export function textFacts(path: string): TextFacts | undefined {
  const plain = statSync(path, { throwIfNoEntry: false })
  if (plain !== undefined) return { inode: plain.ino, size: plain.size, isPacked: false }
  const packed = statSync(packedPath(path), { throwIfNoEntry: false })
  if (packed === undefined) return undefined
  return { inode: packed.ino, size: PackedFile.open(packedPath(path)).size, isPacked: true }
}

/** The bytes of a file of lines from a place on, whichever form it has. */
export async function* textChunks(path: string, from = 0): AsyncGenerator<Buffer, void, void> {
  try {
    yield* fileChunks(path, { start: from })
    return
  } catch (error) {
    if (errno(error) !== 'ENOENT' || !existsSync(packedPath(path))) throw error
  }
  yield* PackedFile.open(packedPath(path)).chunks(from)
}

/** Reads a file of lines at any place, whichever form it has, as long as it is the same file. No file stays open. */
export class TextReader {
  readonly #path: string
  #inode: number | undefined
  #packed: PackedFile | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** @throws DdaError `DDA_DATA_CHANGED` where the file is not what it was */
  read(start: number, end: number): Buffer {
    if (this.#packed !== undefined) return this.#ofPacked(this.#packed, start, end)
    let file: number
    try {
      file = openRegularSync(this.#path)
    } catch (error) {
      if (errno(error) !== 'ENOENT' || !existsSync(packedPath(this.#path))) throw error
      // Packed since it was read: whoever holds places in it has to see whether they still hold.
      if (this.#inode !== undefined) throw this.changed()
      this.#packed = PackedFile.open(packedPath(this.#path))
      return this.#packed.read(start, end)
    }
    try {
      const bytes = Buffer.allocUnsafe(end - start)
      const { ino } = fstatSync(file)
      this.#inode ??= ino
      if (ino !== this.#inode || readSync(file, bytes, 0, bytes.length, start) < bytes.length) throw this.changed()
      return bytes
    } finally {
      closeSync(file)
    }
  }

  /** Who unpacks it takes it away. */
  #ofPacked(packed: PackedFile, start: number, end: number): Buffer {
    try {
      return packed.read(start, end)
    } catch (error) {
      throw errno(error) === 'ENOENT' && existsSync(this.#path) ? this.changed() : error
    }
  }

  changed() {
    return errors.make('DDA_DATA_CHANGED', { file: this.#path }, { location: this.#path })
  }
}
