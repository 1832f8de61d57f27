import { CONTINUES, END, READ_ONLY, Vocabulary } from './vocabulary.ts'
import { splitUnits } from './tokenizer.ts'

export interface VocabularyOptions {
  /** Markup that becomes single tokens. Default `<look> </look> <plan> </plan>`. */
  readonly tags?: readonly string[]
  /** Most pieces, specials included. Default 600. */
  readonly limit?: number
  /** Most words in a phrase; 1 makes no phrases. Default 3. */
  readonly phraseWords?: number
  /** Rarer words are spelt, rarer phrases are not merged. Default 2. */
  readonly minCount?: number
}

export const DEFAULT_TAGS = ['<look>', '</look>', '<plan>', '</plan>'] as const

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz0123456789')
const MARKS = Array.from('.,;:!?()[]{}%"\'-+=/<>&#*@$_~|\\^`')
const JOINTS = ["'", '-', '.']

/**
 * Makes a vocabulary from texts: all characters, then words by frequency, then phrases. Phrases come from merging the
 * most frequent pair of neighbours, again and again (byte-pair encoding, Sennrich et al. 2016, with words for bytes),
 * never across punctuation or tags. Same texts, same vocabulary.
 */
export function buildVocabulary(texts: Iterable<string>, options: VocabularyOptions = {}): Vocabulary {
  const { tags = DEFAULT_TAGS, limit = 600, phraseWords = 3, minCount = 2 } = options
  const clauses = countClauses(texts, tags)
  const base = [END, ...tags, ...MARKS, ...LETTERS, ...[...LETTERS, ...JOINTS].map((letter) => CONTINUES + letter)]
  const room = limit - base.length - READ_ONLY.length
  const words = frequent(clauses, (list) => list, minCount).filter((word) => !base.includes(word))
  const chosen = words.slice(0, Math.max(0, room))

  const pieces = [...base, ...chosen]
  const known = new Set(pieces)
  let sequences = [...clauses].map(([clause, count]) => ({ pieces: clause.split(' '), count }))
  while (pieces.length + READ_ONLY.length < limit) {
    const best = bestPair(sequences, known, phraseWords)
    if (best === undefined || best.count < minCount) break
    pieces.push(best.phrase)
    known.add(best.phrase)
    sequences = sequences.map(({ pieces: list, count }) => ({ pieces: merge(list, best.phrase), count }))
  }
  return new Vocabulary({ tags, pieces: [...pieces, ...READ_ONLY] })
}

/** Runs of words between punctuation and tags, with how often each occurs. */
function countClauses(texts: Iterable<string>, tags: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) {
    let clause: string[] = []
    const flush = (): void => {
      const key = clause.join(' ')
      if (key !== '') counts.set(key, (counts.get(key) ?? 0) + 1)
      clause = []
    }
    for (const unit of splitUnits(text, tags)) {
      if (unit.kind === 'word') clause.push(unit.text)
      else flush()
    }
    flush()
  }
  return counts
}

function frequent(
  clauses: ReadonlyMap<string, number>,
  partsOf: (words: string[]) => string[],
  minCount: number,
): string[] {
  const counts = new Map<string, number>()
  for (const [clause, count] of clauses) {
    for (const part of partsOf(clause.split(' '))) counts.set(part, (counts.get(part) ?? 0) + count)
  }
  return [...counts]
    .filter(([, count]) => count >= minCount)
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([part]) => part)
}

interface Sequence {
  readonly pieces: readonly string[]
  readonly count: number
}

function bestPair(
  sequences: readonly Sequence[],
  known: ReadonlySet<string>,
  phraseWords: number,
): { phrase: string; count: number } | undefined {
  const counts = new Map<string, number>()
  for (const { pieces, count } of sequences) {
    for (let i = 0; i + 1 < pieces.length; i++) {
      const [left = '', right = ''] = [pieces[i], pieces[i + 1]]
      if (!known.has(left) || !known.has(right)) continue
      const phrase = `${left} ${right}`
      if (phrase.split(' ').length <= phraseWords) counts.set(phrase, (counts.get(phrase) ?? 0) + count)
    }
  }
  let best: { phrase: string; count: number } | undefined
  for (const [phrase, count] of counts) {
    if (known.has(phrase)) continue
    if (best === undefined || count > best.count || (count === best.count && phrase < best.phrase))
      best = { phrase, count }
  }
  return best
}

function merge(pieces: readonly string[], phrase: string): string[] {
  const merged: string[] = []
  for (const piece of pieces) {
    const last = merged.at(-1)
    if (last !== undefined && `${last} ${piece}` === phrase) merged[merged.length - 1] = phrase
    else merged.push(piece)
  }
  return merged
}
