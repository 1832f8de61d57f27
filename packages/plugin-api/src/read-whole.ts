import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Far beyond any picture, prompt, checklist or table of figures; what is longer is read by lines, or is not what it should be. */
const MOST_BYTES = 256 * 2 ** 20
const PIECE = 2 ** 16
/** A pipe without a writer is opened at once too, instead of waited for, maybe for ever. Windows knows no such flag, and needs none. */
const READ = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0)
/** Milliseconds after which a pipe is asked again whose writer has given nothing yet. */
const PAUSE = 10
/** How often a pipe is asked again that has no writer. */
const PATIENCE = 500

/**
 * Bytes of a file that somebody names and that has to be read whole, unless it is longer than it can be: that is found before it takes memory,
 * also of a pipe or a device, which have no size.
 *
 * @param maxBytes default 256 MiB
 * @throws the file system's error, or a RangeError that names the size
 */
export async function readWhole(file: string, maxBytes: number = MOST_BYTES): Promise<Buffer> {
  const handle = await open(file, READ)
  try {
    const stats = await handle.stat()
    check(stats.size, maxBytes)
    if (stats.isFile()) return await handle.readFile()
    const pieces = new Pieces(maxBytes, stats.isFIFO())
    for (let more: More = 'now'; more !== 'none';) {
      if (more === 'later') await sleep(PAUSE)
      more = pieces.add((await handle.read(pieces.next()).catch(nothingYet))?.bytesRead)
    }
    return pieces.whole()
  } finally {
    await handle.close()
  }
}

/** {@link readWhole}, at once. */
export function readWholeSync(file: string, maxBytes: number = MOST_BYTES): Buffer {
  const handle = openSync(file, READ)
  try {
    const stats = fstatSync(handle)
    check(stats.size, maxBytes)
    const pieces = new Pieces(maxBytes, stats.isFIFO())
    for (let more: More = 'now'; more !== 'none';) {
      if (more === 'later') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
      more = pieces.add(readNow(handle, pieces.next()))
    }
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

/** Of a pipe whose writer has given nothing yet: undefined. */
function nothingYet(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
}

function readNow(handle: number, piece: Buffer): number | undefined {
  try {
    return readSync(handle, piece)
  } catch (error) {
    return nothingYet(error)
  }
}

/** Whether there is more to be read, and when. */
type More = 'now' | 'later' | 'none'

class Pieces {
  readonly #most: number
  readonly #read: Buffer[] = []
  readonly #isPipe: boolean
  #asked = 0
  #bytes = 0

  constructor(most: number, isPipe: boolean) {
    this.#most = most
    this.#isPipe = isPipe
  }

  next(): Buffer {
    const piece = Buffer.allocUnsafe(PIECE)
    this.#read.push(piece)
    return piece
  }

  /** @param count bytes that the last piece got, undefined where there are none yet */
  add(count: number | undefined): More {
    this.#read.push((this.#read.pop() ?? Buffer.alloc(0)).subarray(0, count ?? 0))
    if (count === undefined) return 'later'
    this.#bytes += count
    if (this.#bytes > this.#most) throw new RangeError(`it has more than the ${this.#most} bytes that are read`)
    if (count > 0) return 'now'
    // Its writer may be about to come.
    if (!this.#isPipe || this.#bytes > 0) return 'none'
    this.#asked += 1
    if (this.#asked > PATIENCE) throw new RangeError('it is a pipe into which nobody writes')
    return 'later'
  }

  whole(): Buffer {
    return Buffer.concat(this.#read)
  }
}

function check(size: number, maxBytes: number): void {
  if (size > maxBytes) throw new RangeError(`it has ${size} bytes, and no more than ${maxBytes} are read`)
}
