import { closeSync, readSync, statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { fileError } from './files.ts'
import { fileChunks, openRegular, openRegularSync } from './regular-file.ts'

const NEWLINE = 10
const HEAD = /^\{"k":"([0-9a-f]{32})","v":/
const HEAD_BYTES = 44
/** Bytes that are read at once of what was added to a segment. */
const TAIL = 64 * 1024

/** Told the key of a line, where it begins and how long it is without its newline, in bytes. */
export type LineVisitor = (key: string, offset: number, length: number) => void

/**
 * Visits the lines of a cache segment without parsing their values. A last line without newline is torn (or still being
 * written by another process) and is skipped, as is a line that does not begin like one of ours.
 *
 * @returns offset behind the last line
 */
export async function readSegment(path: string, visit: LineVisitor): Promise<number> {
  let offset = 0
  let rest: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of fileChunks(path, { highWaterMark: 1 << 20 })) {
      const data: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const from = visitLines(data, offset, visit)
      offset += from
      rest = data.subarray(from)
    }
    return offset
  } catch (error) {
    throw fileError(error, 'read', path)
  }
}

/** Visits the lines that were added to a segment since it ended there. @returns where it ends now */
export function readTail(path: string, from: number, visit: LineVisitor): number {
  if (statSync(path).size <= from) return from
  const file = openRegularSync(path)
  try {
    let end = from
    for (let size = TAIL; ; size *= 2) {
      const block = Buffer.allocUnsafe(size)
      const read = readSync(file, block, 0, size, end)
      const taken = visitLines(block.subarray(0, read), end, visit)
      end += taken
      if (read < size) return end
      // Lines longer than the block need a larger one.
      if (taken > 0) size = TAIL / 2
    }
  } finally {
    closeSync(file)
  }
}

/** @returns bytes of the lines that end in the data */
function visitLines(data: Buffer, offset: number, visit: LineVisitor): number {
  let from = 0
  for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, from)) {
    const head = HEAD.exec(data.toString('latin1', from, Math.min(end, from + HEAD_BYTES)))
    if (head?.[1] !== undefined) visit(head[1], offset + from, end - from)
    from = end + 1
  }
  return from
}

/** Random access to the lines of a segment; the file is opened on first use. */
export class SegmentReader {
  readonly path: string
  #handle: Promise<FileHandle> | undefined

  constructor(path: string) {
    this.path = path
  }

  async read(offset: number, length: number): Promise<string> {
    this.#handle ??= openRegular(this.path)
    try {
      const buffer = Buffer.allocUnsafe(length)
      const { bytesRead } = await (await this.#handle).read(buffer, 0, length, offset)
      return buffer.toString('utf8', 0, bytesRead)
    } catch (error) {
      throw fileError(error, 'read', this.path)
    }
  }

  async close(): Promise<void> {
    if (this.#handle !== undefined) await (await this.#handle).close()
  }
}
