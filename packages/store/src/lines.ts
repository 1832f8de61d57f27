import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { DdaError } from '@dda-thinker/plugin-api'
import { errno, fileError } from './files.ts'

/**
 * The values of a file of JSON lines, one at a time. A file that is not there has none. A last line that was torn by a
 * crash is dropped; a broken line before it is an error, because files of lines are only ever appended to.
 *
 * @throws DdaError `DDA_DATA_CORRUPT` with `file:line`
 */
export async function* readLines<T>(path: string, options: LinesOptions = {}): AsyncIterable<T> {
  for await (const { value } of readLinesWithEnds<T>(path, options)) yield value
}

export interface LinesOptions {
  /** The file is written as a whole, so a torn last line is an error too. Default false. */
  readonly whole?: boolean
}

export interface PlacedLine<T> {
  readonly value: T
  /** Offset behind its newline. */
  readonly end: number
}

/** {@link readLines}, each value with the offset behind its newline. */
export async function* readLinesWithEnds<T>(path: string, options: LinesOptions = {}): AsyncIterable<PlacedLine<T>> {
  const stream = createReadStream(path, 'utf8')
  const lines = createInterface({ input: stream })
  let number = 0
  let end = 0
  let broken: { readonly line: number; readonly cause: unknown } | undefined
  try {
    // readline does not pass on errors of its input.
    const failed = new Promise<never>((_resolve, reject) => stream.once('error', reject))
    const iterator = lines[Symbol.asyncIterator]()
    while (true) {
      const next = await Promise.race([iterator.next(), failed])
      if (next.done === true) {
        if (broken !== undefined && options.whole === true) throw corrupt(path, broken.line, broken.cause)
        break
      }
      number += 1
      end += Buffer.byteLength(next.value) + 1
      if (broken !== undefined) throw corrupt(path, broken.line, broken.cause)
      if (next.value === '') continue
      let value: T
      try {
        value = JSON.parse(next.value) as T
      } catch (cause) {
        broken = { line: number, cause }
        continue
      }
      yield { value, end }
    }
  } catch (error) {
    if (errno(error) === 'ENOENT') return
    throw fileError(error, 'read', path)
  } finally {
    lines.close()
    stream.destroy()
  }
}

function corrupt(path: string, line: number, cause: unknown): DdaError {
  return new DdaError('DDA_DATA_CORRUPT', `Line ${line} of ${path} is not JSON`, {
    location: `${path}:${line}:1`,
    next: 'Restore the file, or make it again with the command that wrote it.',
    cause,
  })
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
