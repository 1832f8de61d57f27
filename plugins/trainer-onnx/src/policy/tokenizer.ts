import { CONTINUES, END_ID, type Vocabulary } from './vocabulary.ts'

/** Text made of tokens. */
export interface Decoded {
  readonly text: string
  /** Exclusive end of each token in `text`, in UTF-16 code units, ascending; of equal length as the ids. */
  readonly ends: readonly number[]
}

/** A word (with inner apostrophes, hyphens and decimal points), or one other visible character. */
const UNIT = /[a-z0-9]+(?:['.-][a-z0-9]+)*|[^\s]/gu
const WORD = /^[a-z0-9]/
const CLOSING = /^[.,;:!?)\]}%]$/
const OPENING = /^[([{]$/

export interface Unit {
  readonly text: string
  readonly kind: 'word' | 'tag' | 'mark'
}

/** Lower-cased units of a text in reading order; white space only separates. */
export function splitUnits(text: string, tags: readonly string[]): Unit[] {
  const lower = text.normalize('NFKC').toLowerCase()
  const units: Unit[] = []
  const addPlain = (part: string): void => {
    for (const [unit] of part.matchAll(UNIT)) units.push({ text: unit, kind: WORD.test(unit) ? 'word' : 'mark' })
  }
  let from = 0
  for (let at = lower.indexOf('<'); at >= 0; at = lower.indexOf('<', at + 1)) {
    const tag = tags.find((candidate) => lower.startsWith(candidate, at))
    if (tag === undefined) continue
    addPlain(lower.slice(from, at))
    units.push({ text: tag, kind: 'tag' })
    from = at + tag.length
  }
  addPlain(lower.slice(from))
  return units
}

/**
 * Words and phrases to ids and back. Greedy longest match over lower-cased words; a word that is not in the vocabulary is
 * spelt (`x`, `##y`, ...), any other character becomes `<unk>`, so every text can be encoded.
 */
export class Tokenizer {
  readonly vocabulary: Vocabulary

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary
  }

  /** Ids without specials. White space and case are not kept; see {@link decode} for the canonical spelling. */
  encode(text: string): number[] {
    const { vocabulary } = this
    const units = splitUnits(text, vocabulary.tags)
    const ids: number[] = []
    for (let at = 0; at < units.length;) {
      const phrase = this.longestAt(units, at)
      if (phrase !== undefined) {
        ids.push(phrase.id)
        at += phrase.words
        continue
      }
      for (const [i, letter] of Array.from(units[at]?.text ?? '').entries()) {
        ids.push(vocabulary.idOf(i === 0 ? letter : CONTINUES + letter) ?? vocabulary.unknownId)
      }
      at++
    }
    return ids
  }

  /**
   * Text of tokens up to the first `<eos>`, in canonical spelling: one space between words, none before closing
   * punctuation or inside tags, a new line after a closing tag. `encode(decode(ids).text)` gives text of the same kind.
   * Tokens after `<eos>` and `<eos>` itself add nothing and end where the text ends.
   */
  decode(ids: readonly number[]): Decoded {
    const { vocabulary } = this
    const ends: number[] = []
    let text = ''
    let before = ''
    let over = false
    for (const id of ids) {
      over ||= id === END_ID || id === vocabulary.padId || id === vocabulary.startId
      if (!over) {
        const piece = id === vocabulary.unknownId ? '\uFFFD' : (vocabulary.pieces[id] ?? '\uFFFD')
        text += spaceBetween(before, piece, vocabulary.tags) + (isContinuation(piece) ? piece.slice(2) : piece)
        before = piece
      }
      ends.push(text.length)
    }
    return { text, ends }
  }

  private longestAt(units: readonly Unit[], at: number): { id: number; words: number } | undefined {
    const { vocabulary } = this
    let words = 0
    const limit = units[at]?.kind === 'word' ? vocabulary.longestPhrase : 1
    while (words < limit && units[at + words] !== undefined && (words === 0 || units[at + words]?.kind === 'word'))
      words++
    for (; words > 0; words--) {
      const text = units.slice(at, at + words).map((unit) => unit.text)
      const id = vocabulary.idOf(text.join(' '))
      if (id !== undefined && id < vocabulary.emittable) return { id, words }
    }
    return undefined
  }
}

function isContinuation(piece: string): boolean {
  return piece.length === 3 && piece.startsWith(CONTINUES)
}

function spaceBetween(before: string, piece: string, tags: readonly string[]): string {
  if (before === '' || isContinuation(piece) || CLOSING.test(piece) || OPENING.test(before)) return ''
  if (tags.includes(before)) return before.startsWith('</') ? '\n' : ''
  return tags.includes(piece) && piece.startsWith('</') ? '' : ' '
}
