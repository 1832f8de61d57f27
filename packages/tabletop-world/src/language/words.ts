import { KINDS, kindOf } from '../world/catalogue.ts'
import { COLUMN_NAMES, type Column, ROWS, type Row, SIZES, type Size } from '../world/scene.ts'
import { ORDINARY, STATES } from '../world/states.ts'
import type { Mention, Place } from './clause.ts'

const ARTICLE = /^(?:the|an|a|some|one of the) /

/** Reads "the rotten banana" whole; anything else in the text makes it `undefined`. Expects lower case, single spaces. */
export function readMention(text: string): Mention | undefined {
  // The name of a number is a kind of its own ("one"), so the bare text is tried before its article is taken off.
  return readBare(text) ?? readBare(text.replace(ARTICLE, ''))
}

function readBare(text: string): Mention | undefined {
  if (kindOf(text) !== undefined) return { kind: text }
  const space = text.indexOf(' ')
  const state = text.slice(0, space)
  const kind = text.slice(space + 1)
  return space > 0 && isStateWord(state) && kindOf(kind) !== undefined ? { kind, state } : undefined
}

/** Is this an adjective of the plan language: a state, or the word for having none? */
export function isStateWord(word: string): boolean {
  return word === ORDINARY || STATES.some((state) => state.name === word)
}

export function isSizeWord(word: string): word is Size {
  return word in SIZES
}

/** Reads "the back far right", "the middle", "the front"; `undefined` for anything else. */
export function readPlace(text: string): Place | undefined {
  let rest = text.replace(/^the /, '').replace(/\bcent(?:er|re)\b/, 'middle')
  let row: Row | undefined
  for (const name of Object.keys(ROWS) as Row[]) {
    if (rest !== name && !rest.startsWith(`${name} `)) continue
    row = name
    rest = rest.slice(name.length).trim()
    break
  }
  if (rest === '') return row === undefined ? undefined : { row }
  const column = COLUMN_NAMES.findIndex((name) => name === rest)
  if (column < 0) return undefined
  return { column: column as Column, ...(row === undefined ? {} : { row }) }
}

/** "the rotten banana", "a rotten banana", "an apple", "some grapes". */
export function printMention({ kind, state }: Mention, article: 'the' | 'a'): string {
  const noun = state === undefined ? kind : `${state} ${kind}`
  if (article === 'the') return `the ${noun}`
  const own = kindOf(kind)?.article ?? 'a'
  if (own === 'some') return `some ${noun}`
  return `${state === undefined ? own : /^[aeiou]/.test(state) ? 'an' : 'a'} ${noun}`
}

/** "the far right", "the back middle", "the back". A place without row and column is "the table". */
export function printPlace({ column, row }: Place): string {
  const words = [row, column === undefined ? undefined : COLUMN_NAMES[column]].filter((word) => word !== undefined)
  return `the ${words.join(' ') || 'table'}`
}

/** Every word that canonical plans are made of, sorted: what a policy's vocabulary must hold. */
export function planWords(): readonly string[] {
  const words = new Set<string>(
    `turn replace with remove swap and move to add at make the a an some ; ${ORDINARY}`.split(' '),
  )
  for (const { name } of [...KINDS, ...STATES]) for (const word of name.split(' ')) words.add(word)
  for (const name of [...COLUMN_NAMES, ...Object.keys(ROWS), ...Object.keys(SIZES)]) {
    for (const word of name.split(' ')) words.add(word)
  }
  return [...words].toSorted()
}
