import { officialFinalScore, strictFinalScore, type Reading } from '@dda-thinker/benchmark-kit'
import type { BenchmarkAnswer, BenchmarkItem, BenchmarkProblem } from '@dda-thinker/plugin-api'
import { isLogical } from './categories.ts'
import { isConsistencyFree } from './consistency-free.ts'
import type { RiseOptions } from './options.ts'

/** Scores of an item, 1 to 5; `null` where it was not judged on that, or its answers could not be used. */
export interface Dimensions {
  readonly consistency: number | null
  readonly reasoning: number | null
  readonly plausibility: number | null
}

export type Answers = Readonly<Record<string, BenchmarkAnswer | null>>

export interface Judged {
  readonly dimensions: Dimensions
  readonly problems: readonly BenchmarkProblem[]
}

const NOTHING: Dimensions = { consistency: null, reasoning: null, plausibility: null }

/**
 * Reads the answers about an item. One that cannot be used empties all three dimensions, as in the official script.
 */
export function judge(item: BenchmarkItem, answers: Answers | undefined, parser: RiseOptions['parser']): Judged {
  const problems: BenchmarkProblem[] = []
  const report = (question: string, problem: BenchmarkProblem['problem'], why: string): void =>
    void problems.push({ item: item.id, question, problem, why })

  const read = (question: string): readonly number[] | undefined => {
    const answer = answers?.[question]
    if (answer === undefined || answer === null) return undefined
    const reading = typeof answer === 'number' ? { numbers: [answer] } : parse(answer, parser, item.category)
    if ('numbers' in reading) return reading.numbers
    report(question, 'unparsable', reading.why)
    return undefined
  }
  for (const question of expectedQuestions(item)) {
    if (!isGiven(answers?.[question])) report(question, 'missing', 'no answer')
  }
  const route = answers === undefined ? undefined : routeOf(item, answers, parser)
  if (route === undefined) return { dimensions: NOTHING, problems }
  const lists = route.map(read)
  if (lists.some((list) => list === undefined)) return { dimensions: NOTHING, problems }
  const scores = lists.flatMap((list) => list ?? [])
  const consistencyAsked = route[0] === 'judge1'
  const list = consistencyAsked ? scores : [null, ...scores]
  if (list.length === 3) {
    const [consistency = null, reasoning = null, plausibility = null] = list
    return { dimensions: { consistency, reasoning, plausibility }, problems }
  }
  if (list.length === 2) {
    const [consistency, reasoning] = scores
    return {
      dimensions: { consistency: ofBinary(consistency), reasoning: ofBinary(reasoning), plausibility: null },
      problems,
    }
  }
  route.forEach((question, at) => {
    if ((lists[at]?.length ?? 0) > 1) {
      report(question, 'unparsable', `several numbers: ${lists[at]?.join(', ')}; the official script ends here`)
    }
  })
  return { dimensions: NOTHING, problems }
}

export function expectedQuestions(item: BenchmarkItem): readonly string[] {
  const consistency = isConsistencyFree(item) ? [] : ['judge1']
  return isLogical(item.category) ? [...consistency, 'judge2'] : [...consistency, 'judge2', 'judge3']
}

/**
 * Which answers make the scores. The official script goes by what was answered, not by the category: an item without `judge3`
 * is taken as a logical one, and one without `judge1` as free of consistency.
 */
function routeOf(item: BenchmarkItem, answers: Answers, parser: RiseOptions['parser']): readonly string[] | undefined {
  if (parser === 'strict') {
    const expected = expectedQuestions(item)
    return expected.every((question) => isGiven(answers[question])) ? expected : undefined
  }
  const { judge1, judge2, judge3 } = answers
  if (!isGiven(judge2) || (judge1 === undefined && !isConsistencyFree(item))) return undefined
  if (!isGiven(judge1)) return isGiven(judge3) ? ['judge2', 'judge3'] : undefined
  return isGiven(judge3) ? ['judge1', 'judge2', 'judge3'] : ['judge1', 'judge2']
}

function isGiven(answer: BenchmarkAnswer | null | undefined): answer is BenchmarkAnswer {
  return answer !== undefined && answer !== null
}

function parse(answer: string, parser: RiseOptions['parser'], category: string): Reading {
  if (parser === 'official') return officialFinalScore(answer)
  return strictFinalScore(answer, isLogical(category) ? [0, 1] : [1, 5])
}

/** 0 or 1 onto 1 or 5. */
function ofBinary(score: number | undefined): number | null {
  return score === undefined ? null : 4 * Math.min(score, 1) + 1
}
