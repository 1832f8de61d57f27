import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** A message and its binary attachments. */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>
  readonly parts: readonly Uint8Array[]
}

/** Largest header in bytes; a longer one means that what is read is not this protocol. */
const MAX_HEADER = 64 * 1024 * 1024
/** Largest sum of attachments in bytes. */
const MAX_PARTS = 4 * 1024 ** 3

/**
 * One frame as bytes: length of the header (4 bytes, big-endian), header (JSON in UTF-8, with `parts`, the lengths of the
 * attachments in bytes), attachments. The Python side is python/dda_worker/frames.py.
 */
export function encodeFrame({ header, parts }: Frame): readonly Uint8Array[] {
  const json = Buffer.from(JSON.stringify({ ...header, parts: parts.map((part) => part.byteLength) }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return [length, json, ...parts]
}

/** Puts frames together from whatever pieces a pipe gives. */
export class FrameReader {
  readonly #chunks: Buffer[] = []
  #buffered = 0
  #header: { readonly value: Readonly<Record<string, unknown>>; readonly lengths: readonly number[] } | undefined
  #headerLength: number | undefined

  /** Frames that are whole with this piece. @throws DdaError `DDA_WORKER_PROTOCOL` where the bytes are no frames */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
    const frames: Frame[] = []
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next(): Frame | undefined {
    if (this.#headerLength === undefined) {
      if (this.#buffered < 4) return undefined
      this.#headerLength = this.#take(4).readUInt32BE()
      if (this.#headerLength > MAX_HEADER) throw notFrames(`a header of ${this.#headerLength} bytes`)
    }
    if (this.#header === undefined) {
      if (this.#buffered < this.#headerLength) return undefined
      this.#header = readHeader(this.#take(this.#headerLength))
    }
    const { value, lengths } = this.#header
    if (this.#buffered < lengths.reduce((sum, length) => sum + length, 0)) return undefined
    const parts = lengths.map((length) => this.#take(length))
    this.#header = undefined
    this.#headerLength = undefined
    return { header: value, parts }
  }

  /** Takes bytes that are there; copies only where they lie in several pieces. */
  #take(length: number): Buffer {
    this.#buffered -= length
    const first = this.#chunks[0] ?? Buffer.alloc(0)
    if (length === 0) return Buffer.alloc(0)
    if (first.length >= length) {
      if (first.length === length) this.#chunks.shift()
      else this.#chunks[0] = first.subarray(length)
      return first.subarray(0, length)
    }
    const all = Buffer.concat(this.#chunks)
    this.#chunks.splice(0, this.#chunks.length, ...(all.length > length ? [all.subarray(length)] : []))
    return all.subarray(0, length)
  }
}

function readHeader(bytes: Buffer): { value: Readonly<Record<string, unknown>>; lengths: readonly number[] } {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw notFrames('a header that is no JSON')
  }
  const lengths = (value as { parts?: unknown } | null)?.parts
  if (!Array.isArray(lengths) || !lengths.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw notFrames('a header without the lengths of its parts')
  }
  const total = (lengths as number[]).reduce((sum, length) => sum + length, 0)
  if (total > MAX_PARTS) throw notFrames(`attachments of ${total} bytes`)
  return { value: value as Readonly<Record<string, unknown>>, lengths: lengths as number[] }
}

function notFrames(what: string): DdaError {
  return errors.make('DDA_WORKER_PROTOCOL/frame', { what }, { kind: 'plugin-error' })
}
