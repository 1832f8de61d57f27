import { type DdaError, redact } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { errno, fileError } from './files.ts'
import { textChunks } from './text-file.ts'

const NEWLINE = 10

/**
 * The values of a file of JSON lines, one at a time. A file that is not there has none. A last line without its end was torn by a
 * crash and is dropped; any other line that is broken is an error, because files of lines are only ever appended to.
 *
 * @throws DdaError `DDA_DATA_CORRUPT` with `file:line`
 */
export async function* readLines<T>(path: string, options: LinesOptions = {}): AsyncIterable<T> {
  for await (const { value } of readLinesWithEnds<T>(path, options)) yield value
}

export interface LinesOptions {
  /** The file is written as a whole, so a torn last line is an error too. Default false. */
  readonly whole?: boolean
  /**
   * Told of each line that is broken, and the offset behind it; it is then passed over: for files that only people read. Default: such a
   * line is an error.
   */
  readonly onBroken?: (error: DdaError, end: number) => void
  /** Offset of the line to begin with; lines are counted from there. Default 0. */
  readonly from?: number
  /** What is wrong with a value, in words; such a line is broken. Default: nothing ever is. */
  readonly check?: (value: unknown) => string | undefined
}

export interface PlacedLine<T> {
  readonly value: T
  /** Offset behind its newline. */
  readonly end: number
}

/** {@link readLines}, each value with the offset behind its newline. */
export async function* readLinesWithEnds<T>(path: string, options: LinesOptions = {}): AsyncIterable<PlacedLine<T>> {
  let number = 0
  try {
    // Of a file whose every line has to be sound, one that is too long tells enough before its end.
    const stops = options.whole === true && options.onBroken === undefined
    for await (const { text, end, terminated } of textLines(path, options.from ?? 0, stops)) {
      number += 1
      // Whoever opens the file to append cuts such a line off, so nobody may count it as there.
      if (!terminated && options.whole !== true) return
      if (text === '') continue
      const line = text === undefined ? tooLong(path, number) : read(text, path, number, options.check)
      if ('value' in line) yield { value: line.value as T, end }
      else if (options.onBroken === undefined) throw line.error
      else options.onBroken(line.error, end)
    }
  } catch (error) {
    if (errno(error) === 'ENOENT') return
    throw fileError(error, 'read', path)
  }
}

/** A value as a line of its own: no program takes a character inside it for the end of the line, as some do U+2028 and U+2029. */
export function jsonLine(value: unknown): string {
  return oneLine(JSON.stringify(value))
}

/** Escapes of whole characters beyond U+FFFF, and of halves, which many readers of JSON refuse. A backslash that is text comes in pairs. */
const ESCAPED = /(?<!\\)((?:\\\\)*)(\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|\\ud[89a-f][0-9a-f]{2})/gi
const HALF = 6
const whole = (_: string, before: string, escape: string) => before + (escape.length === HALF ? '\\ufffd' : escape)

/** {@link jsonLine} of what is JSON already: these characters stand only inside its strings. Holds no secret, see `redact`. */
export function oneLine(json: string): string {
  const redacted = redact(json)
  const text = /\\ud/i.test(redacted) ? redacted.replace(ESCAPED, whole) : redacted
  return /[\u2028\u2029]/.test(text) ? text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029') : text
}

/** Bytes above which a line is none of ours, whose longest hold a sample or a rollout: a file of zeros, say, would fill the memory. */
const LONGEST = 256 * 2 ** 20

interface TextLine {
  /** Undefined where it is longer than {@link LONGEST}. */
  readonly text: string | undefined
  /** Offset behind it, its newline included. */
  readonly end: number
  readonly terminated: boolean
}

/**
 * Lines end at LF and nowhere else: readline of Node 24 also splits at U+2028 and U+2029, which may stand inside a JSON string,
 * and keeps some kilobytes for every line. A byte order mark before the first line is no part of it.
 *
 * @param stops at a line that is too long, as if its end were there
 */
async function* textLines(path: string, begin: number, stops: boolean): AsyncIterable<TextLine> {
  const parts: Buffer[] = []
  let end = begin
  let first = begin === 0
  let length = 0
  const take = (rest: Buffer): string | undefined => {
    const isLong = length + rest.length > LONGEST
    const text = isLong ? '' : Buffer.concat([...parts, rest]).toString('utf8')
    parts.length = 0
    length = 0
    if (isLong) return undefined
    const from = first && text.startsWith('\uFEFF') ? 1 : 0
    first = false
    return text.slice(from, text.endsWith('\r') ? -1 : undefined)
  }
  for await (const chunk of textChunks(path, begin)) {
    let start = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      end += at + 1 - start
      yield { text: take(chunk.subarray(start, at)), end, terminated: true }
      start = at + 1
    }
    if (start === chunk.length) continue
    length += chunk.length - start
    if (length > LONGEST) parts.length = 0
    else parts.push(chunk.subarray(start))
    end += chunk.length - start
    if (stops && length > LONGEST) break
  }
  if (length > 0) yield { text: take(Buffer.alloc(0)), end, terminated: false }
}

function tooLong(path: string, line: number): { readonly error: DdaError } {
  const holes = { line, path, problem: `it is longer than ${LONGEST} bytes` }
  return { error: errors.make('DDA_DATA_CORRUPT/shape', holes, { location: `${path}:${line}:1` }) }
}

function read(
  text: string,
  path: string,
  line: number,
  check: LinesOptions['check'],
): { readonly value: unknown } | { readonly error: DdaError } {
  const location = `${path}:${line}:1`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    return { error: errors.make('DDA_DATA_CORRUPT', { line, path }, { location, cause }) }
  }
  const problem = check?.(value)
  if (problem === undefined) return { value }
  return { error: errors.make('DDA_DATA_CORRUPT/shape', { line, path, problem }, { location }) }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
