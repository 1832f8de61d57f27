import stringWidth from 'string-width'
import { forTerminal } from './shown-text.ts'

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Columns that a text takes on a terminal: two for a Chinese sign or an emoji, none for colours; controls as they are shown. */
export function widthOf(text: string): number {
  return piecesOf(forTerminal(text)).reduce((width, piece) => width + stringWidth(piece), 0)
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
  for (const { segment } of GRAPHEMES.segment(text)) {
    width += widthOf(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}…`
}

function blanks(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - widthOf(text)))
}
