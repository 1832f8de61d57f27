import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { fileError } from './files.ts'

const NEWLINE = 10
const HEAD = /^\{"k":"([0-9a-f]{32})","v":/
const HEAD_BYTES = 44

/**
 * Visits the lines of a cache segment without parsing their values. A last line without newline is torn (or still being
 * written by another process) and is skipped, as is a line that does not begin like one of ours.
 */
export async function readSegment(
  path: string,
  visit: (key: string, offset: number, length: number) => void,
): Promise<void> {
  let offset = 0
  let rest: Buffer = Buffer.alloc(0)
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      const data: Buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
      let from = 0
      for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, from)) {
        const head = HEAD.exec(data.toString('latin1', from, Math.min(end, from + HEAD_BYTES)))
        if (head?.[1] !== undefined) visit(head[1], offset + from, end - from)
        from = end + 1
      }
      offset += from
      rest = data.subarray(from)
    }
  } catch (error) {
    throw fileError(error, 'read', path)
  }
}

/** Random access to the lines of a segment; the file is opened on first use. */
export class SegmentReader {
  readonly path: string
  #handle: Promise<FileHandle> | undefined

  constructor(path: string) {
    this.path = path
  }

  async read(offset: number, length: number): Promise<string> {
    this.#handle ??= open(this.path, 'r')
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
