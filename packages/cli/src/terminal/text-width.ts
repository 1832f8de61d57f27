import { createRequire } from 'node:module'
import { stripVTControlCharacters } from 'node:util'
import { forTerminal } from './shown-text.ts'

/**
 * What every terminal shows in one column a character, whatever stands beside it: ASCII, Latin letters, and the punctuation, arrows,
 * signs of mathematics, frames and controls that the command line itself writes.
 */
export const PLAIN =
  /^[ -~\u00A1-\u00AC\u00AE-\u02FF\u2010-\u2027\u2030-\u205E\u2190-\u22FF\u2400-\u2421\u2500-\u259F\u2713\u2717\uFFFD]*$/

/** Columns that a text takes on a terminal: two for a Chinese sign or an emoji, none for colours; controls as they are shown. */
export function widthOf(text: string): number {
  const seen = stripVTControlCharacters(forTerminal(text))
  return PLAIN.test(seen) ? seen.length : piecesOf(seen).reduce((width, piece) => width + measured(piece), 0)
}

let stringWidth: ((text: string) => number) | undefined

/** Loaded for the first text that needs it: with the tables of Unicode it took a tenth of the start of every command. */
function measured(text: string): number {
  stringWidth ??= (createRequire(import.meta.url)('string-width') as { readonly default: (text: string) => number })
    .default
  return stringWidth(text)
}

/** string-width 8 takes time that grows with the square of a text that is not ASCII: 256,000 accented letters take two minutes. */
const AT_ONCE = 1024

/** Short ones, cut where no sign can be cut in two: behind what is ASCII, or else, which no writing needs, between any two characters. */
function piecesOf(text: string): readonly string[] {
  if (text.length <= AT_ONCE) return [text]
  return text.match(/[^]{1,1024}(?<=[ -~])(?!\p{M}|\u200D)|[^]{1,1024}/gu) ?? []
}

/** Blanks behind a text until it is so many columns wide. */
export function padEnd(text: string, columns: number): string {
  return text + blanks(text, columns)
}

/** Blanks before a text until it is so many columns wide. */
export function padStart(text: string, columns: number): string {
  return blanks(text, columns) + text
}

/** As much of the beginning as so many columns hold, with `…` where something was left out. No character is cut in two. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let [kept, width] = ['', 0]
  for (const segment of charactersOf(text)) {
    width += widthOf(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

/** What people take for a character each. */
function charactersOf(text: string): readonly string[] {
  if (PLAIN.test(text)) return text.split('')
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return Array.from(graphemes.segment(text), ({ segment }) => segment)
}

function blanks(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text)))
}
