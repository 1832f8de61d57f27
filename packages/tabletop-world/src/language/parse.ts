import type { Clause } from './clause.ts'
import { isSizeWord, isStateWord, readMention, readPlace } from './words.ts'

/** A clause and where it stands in the text: `text.slice(start, end)`, in UTF-16 code units. */
export interface ParsedClause {
  readonly clause: Clause
  readonly start: number
  readonly end: number
}

/** A piece of the text that is no clause. */
export interface UnknownPiece {
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface ParsedPlan {
  readonly clauses: readonly ParsedClause[]
  readonly unknown: readonly UnknownPiece[]
}

const SEPARATOR = /[;.,!\n\r]+|\b(?:and )?then\b/gi
const LEAD = /^(?:(?:[-*•]|\d+\)|and|please|first|finally|next)\s+)+/i

/**
 * Reads a plan. Pieces are separated by `;` `.` `,` a new line or "(and) then"; case, spaces and articles do not matter.
 * A piece is a clause as a whole or not at all: nothing is guessed from parts of it.
 */
export function parsePlan(text: string): ParsedPlan {
  const clauses: ParsedClause[] = []
  const unknown: UnknownPiece[] = []
  for (const [from, to] of pieces(text)) {
    const raw = text.slice(from, to)
    const bare = raw.replace(LEAD, '').trim()
    if (!/[a-z]/i.test(bare)) continue
    const start = from + raw.indexOf(bare)
    const end = start + bare.length
    const clause = parseClause(bare)
    if (clause === undefined) unknown.push({ text: bare, start, end })
    else clauses.push({ clause, start, end })
  }
  return { clauses, unknown }
}

function* pieces(text: string): Generator<readonly [number, number]> {
  let from = 0
  for (const match of text.matchAll(SEPARATOR)) {
    yield [from, match.index]
    from = match.index + match[0].length
  }
  yield [from, text.length]
}

/** Reads one clause; `undefined` where the text is none. */
export function parseClause(text: string): Clause | undefined {
  const line = text.toLowerCase().replace(/\s+/g, ' ').trim()
  for (const [pattern, read] of PATTERNS) {
    const match = pattern.exec(line)
    const clause = match === null ? undefined : read(match[1] ?? '', match[2] ?? '')
    if (clause !== undefined) return clause
  }
  return undefined
}

type Reader = (first: string, second: string) => Clause | undefined

const PATTERNS: readonly (readonly [RegExp, Reader])[] = [
  [/^(?:turn|make) (.+) (\S+)$/, readTurn],
  [/^replace (.+) (?:with|by) (.+)$/, readReplace],
  [/^(?:turn|change) (.+) into (.+)$/, readReplace],
  [/^(?:remove|erase|delete|take away) (.+)$/, readRemove],
  [/^swap (.+) (?:and|with) (.+)$/, readSwap],
  [/^(?:move|put) (.+?) (?:to|at) (.+)$/, readMove],
  [/^(?:add|draw) (.+?) (?:at|to|in|on) (.+)$/, readAdd],
]

function readTurn(first: string, word: string): Clause | undefined {
  const target = readMention(first)
  if (target === undefined) return undefined
  if (isSizeWord(word)) return { op: 'resize', target, size: word }
  return isStateWord(word) ? { op: 'turn', target, state: word } : undefined
}

function readReplace(first: string, second: string): Clause | undefined {
  const target = readMention(first)
  const by = readMention(second)
  return target && by && { op: 'replace', target, by }
}

function readRemove(first: string): Clause | undefined {
  const target = readMention(first)
  return target && { op: 'remove', target }
}

function readSwap(first: string, second: string): Clause | undefined {
  const target = readMention(first)
  const other = readMention(second)
  return target && other && { op: 'swap', target, other }
}

function readMove(first: string, second: string): Clause | undefined {
  const target = readMention(first)
  const to = readPlace(second)
  return target && to && { op: 'move', target, to }
}

function readAdd(first: string, second: string): Clause | undefined {
  const thing = readMention(first)
  const at = readPlace(second)
  return thing && at && { op: 'add', thing, at }
}
