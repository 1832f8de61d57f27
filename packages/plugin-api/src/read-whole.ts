import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'

/** Far beyond any picture, prompt, checklist or table of figures; what is longer is read by lines, or is not what it should be. */
const MOST_BYTES = 256 * 2 ** 20
const PIECE = 2 ** 16

/**
 * Bytes of a file that somebody names and that has to be read whole, unless it is longer than it can be: that is found before it takes memory,
 * also of a pipe or a device, which have no size.
 *
 * @param maxBytes default 256 MiB
 * @throws the file system's error, or a RangeError that names the size
 */
export async function readWhole(file: string, maxBytes: number = MOST_BYTES): Promise<Buffer> {
  const handle = await open(file)
  try {
    const stats = await handle.stat()
    check(stats.size, maxBytes)
    if (stats.isFile()) return await handle.readFile()
    const pieces = new Pieces(maxBytes)
    while (pieces.add((await handle.read(pieces.next())).bytesRead));
    return pieces.whole()
  } finally {
    await handle.close()
  }
}

/** {@link readWhole}, at once. */
export function readWholeSync(file: string, maxBytes: number = MOST_BYTES): Buffer {
  const handle = openSync(file, 'r')
  try {
    check(fstatSync(handle).size, maxBytes)
    const pieces = new Pieces(maxBytes)
    while (pieces.add(readSync(handle, pieces.next())));
    return pieces.whole()
  } finally {
    closeSync(handle)
  }
}

/** JSON of a file that has to be read whole, without the byte order mark that some editors put before it. @throws as {@link readWhole}, and SyntaxError */
export async function readWholeJson(file: string, maxBytes?: number): Promise<unknown> {
  return JSON.parse(withoutMark((await readWhole(file, maxBytes)).toString('utf8')))
}

/** A text without a byte order mark in front. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

class Pieces {
  readonly #most: number
  readonly #read: Buffer[] = []
  #bytes = 0

  constructor(most: number) {
    this.#most = most
  }

  next(): Buffer {
    const piece = Buffer.allocUnsafe(PIECE)
    this.#read.push(piece)
    return piece
  }

  /** @param count bytes that the last piece got @returns whether there may be more */
  add(count: number): boolean {
    this.#read.push((this.#read.pop() ?? Buffer.alloc(0)).subarray(0, count))
    this.#bytes += count
    if (this.#bytes > this.#most) throw new RangeError(`it has more than the ${this.#most} bytes that are read`)
    return count > 0
  }

  whole(): Buffer {
    return Buffer.concat(this.#read)
  }
}

function check(size: number, maxBytes: number): void {
  if (size > maxBytes) throw new RangeError(`it has ${size} bytes, and no more than ${maxBytes} are read`)
}
