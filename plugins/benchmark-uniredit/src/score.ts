import { mean, officialFinalScore, percentageOfFive, row, strictFinalScore } from '@dda-thinker/benchmark-kit'
import type {
  BenchmarkAnswer,
  BenchmarkAnswers,
  BenchmarkItem,
  BenchmarkProblem,
  BenchmarkRow,
  BenchmarkScores,
} from '@dda-thinker/plugin-api'
import type { UnireditOptions } from './options.ts'

const QUESTIONS = ['judge1', 'judge2', 'judge3'] as const

/** 1 to 5; all of them `null` where an answer could not be used. */
interface Scored {
  readonly item: BenchmarkItem
  readonly consistency: number | null
  readonly reasoning: number | null
  readonly plausibility: number | null
  readonly score: number | null
  readonly accuracy: number | null
}

/**
 * The rows of UniREditBench's table (eval/gpt_eval_uniredit.py): score 0.3·AC + 0.5·IR + 0.2·VP, without RISE-Bench's halving;
 * solved where all are 5. An item with an unusable answer leaves every mean, that of accuracy too unless `unusable` says
 * otherwise.
 */
export function scoreUniredit(
  items: readonly BenchmarkItem[],
  answers: BenchmarkAnswers,
  options: UnireditOptions,
): BenchmarkScores {
  const problems: BenchmarkProblem[] = []
  const scored = items.map((item) => itemScore(item, answers.get(item.id) ?? {}, options, problems))
  const names = [...new Set(items.map(({ category }) => category))].toSorted((a, b) => (a < b ? -1 : 1))
  return {
    rows: [
      itemRow('overall', 'Overall', scored),
      ...names.map((name) =>
        itemRow(
          'category',
          `Class-${name}`,
          scored.filter(({ item }) => item.category === name),
        ),
      ),
      dimensionRow(
        'Overall_Reasoning',
        scored.map(({ reasoning }) => reasoning),
      ),
      dimensionRow(
        'Overall_ApprConsistency',
        scored.map(({ consistency }) => consistency),
      ),
      dimensionRow(
        'Overall_VisualPlausibility',
        scored.map(({ plausibility }) => plausibility),
      ),
    ],
    items: scored.map(({ item, ...figures }) => ({ id: item.id, category: item.category, figures })),
    problems,
  }
}

function itemScore(
  item: BenchmarkItem,
  answers: Readonly<Record<string, BenchmarkAnswer | null>>,
  { parser, unusable }: UnireditOptions,
  problems: BenchmarkProblem[],
): Scored {
  const read = QUESTIONS.map((question) => {
    const answer = answers[question]
    // The official script keeps '' for a picture that is not there and a call that failed.
    if (answer === undefined || answer === null || answer === '') {
      problems.push({ item: item.id, question, problem: 'missing', why: 'no answer' })
      return null
    }
    if (typeof answer === 'number') return answer
    const reading = parser === 'official' ? officialFinalScore(answer) : strictFinalScore(answer, [1, 5])
    if ('numbers' in reading) return reading.numbers[0] ?? null
    problems.push({ item: item.id, question, problem: 'unparsable', why: reading.why })
    return null
  })
  const [consistency = null, reasoning = null, plausibility = null] = read
  if (consistency === null || reasoning === null || plausibility === null) {
    const accuracy = unusable === 'unsolved' ? 0 : null
    return { item, consistency: null, reasoning: null, plausibility: null, score: null, accuracy }
  }
  const score = 0.3 * consistency + 0.5 * reasoning + 0.2 * plausibility
  const accuracy = consistency === 5 && reasoning === 5 && plausibility === 5 ? 1 : 0
  return { item, consistency, reasoning, plausibility, score, accuracy }
}

function itemRow(kind: BenchmarkRow['kind'], name: string, members: readonly Scored[]): BenchmarkRow {
  const scores = members.map(({ score }) => score)
  const score = mean(scores)
  const accuracy = mean(members.map((one) => one.accuracy))
  return row(kind, name, scores, { score, percentage: percentageOfFive(score), accuracy })
}

function dimensionRow(name: string, values: readonly (number | null)[]): BenchmarkRow {
  const score = mean(values)
  return row('dimension', name, values, { score, percentage: percentageOfFive(score) })
}
