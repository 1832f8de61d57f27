import type { Plan } from '@dda-thinker/plugin-api'

/**
 * Finds, for a checklist question, the clause of the executable plan that it asks about: the one that shares the most
 * content words with it. Purely lexical: words are compared in lower case without stop words and plural endings. Equal
 * counts go to the later clause, when all candidates have been written.
 * @returns for a question, the exclusive end of the clause in `Plan.text`; undefined where no word is shared.
 */
export function clauseFinder(plan: Plan): (question: string) => number | undefined {
  const offset = plan.text.lastIndexOf(plan.executable)
  const clauses = offset === -1 ? [] : clausesOf(plan.executable)
  return (question) => {
    const asked = contentWords(question)
    let best: { readonly end: number; readonly shared: number } | undefined
    for (const { end, words } of clauses) {
      const shared = [...asked].filter((word) => words.has(word)).length
      if (shared > 0 && shared >= (best?.shared ?? 0)) best = { end, shared }
    }
    return best === undefined ? undefined : offset + best.end
  }
}

interface Clause {
  /** Exclusive end in the executable plan, its punctuation included. */
  readonly end: number
  readonly words: ReadonlySet<string>
}

/** Clauses end at line breaks and at `.`, `;`, `,`, `:`, `!`, `?`, except inside numbers such as 2.5. */
function clausesOf(executable: string): readonly Clause[] {
  const pieces = executable.matchAll(/(?:[^\n.;,:!?]|[.,:](?=\d))+[\n.;,:!?]?/gu)
  return [...pieces].map((piece) => ({ end: piece.index + piece[0].length, words: contentWords(piece[0]) }))
}

const STOP_WORDS = new Set(
  (
    'a an and any are as at be been being both but by can could did do does done edit edited for from had has have how ' +
    'image in instruction into is it its may no none not of off on one only or other out over picture plan result say ' +
    'scene shall should show so some still such than that the their them then there these they this those to was were ' +
    'what when where which while who will with would yes'
  ).split(' '),
)

function contentWords(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.filter((word) => !STOP_WORDS.has(word)).map(singular))
}

function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}
