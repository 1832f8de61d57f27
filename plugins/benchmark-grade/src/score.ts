import { mean, row } from '@dda-thinker/benchmark-kit'
import type {
  BenchmarkAnswers,
  BenchmarkItem,
  BenchmarkProblem,
  BenchmarkRow,
  BenchmarkScores,
} from '@dda-thinker/plugin-api'
import { pointsOf } from './load.ts'
import type { GradeOptions } from './options.ts'
import { readReasoning, readScore, type Reading } from './read-answers.ts'

/** In per cent; `null` where there is none, or its answer could not be used. */
interface Scored {
  readonly item: BenchmarkItem
  readonly reasoning: number | null
  readonly consistency: number | null
  readonly readability: number | null
  /** Of the item: 0.6, 0.3, 0.1; 0.8 and 0.2 where it has no consistency. */
  readonly relaxed: number | null
  readonly accuracy: number | null
}

const DIMENSIONS = ['reasoning', 'consistency', 'readability'] as const
type Dimension = (typeof DIMENSIONS)[number]

/**
 * The rows of GRADE's table (sum.py). `relaxed` of a row is 0.6·R + 0.3·C + 0.1·Read of its means, which is not the mean of
 * the items' own (`relaxedPerItem`): items without consistency weigh their reasoning with 0.8. Solved: R > 0.99, C = 2 or none,
 * Read = 2.
 */
export function scoreGrade(
  items: readonly BenchmarkItem[],
  answers: BenchmarkAnswers,
  options: GradeOptions,
): BenchmarkScores {
  const problems: BenchmarkProblem[] = []
  const scored = items.map((item) => itemScore(item, answers.get(item.id) ?? {}, options, problems))
  const domains = [...new Set(items.map(({ category }) => category))]
  return {
    rows: [
      itemRow('overall', 'full set', scored),
      ...domains.map((name) =>
        itemRow(
          'category',
          name,
          scored.filter(({ item }) => item.category === name),
        ),
      ),
      ...DIMENSIONS.map((name) => {
        // An item that has no consistency is not one whose consistency is missing.
        const asked = scored.filter(({ item }) => name !== 'consistency' || item.entry['consistency'] !== 'none')
        const values = asked.map((one) => one[name])
        return row('dimension', name, values, { score: mean(values) })
      }),
    ],
    items: scored.map(({ item, ...figures }) => ({ id: item.id, category: item.category, figures })),
    problems,
  }
}

function itemScore(
  item: BenchmarkItem,
  answers: NonNullable<ReturnType<BenchmarkAnswers['get']>>,
  { parser, denominator }: GradeOptions,
  problems: BenchmarkProblem[],
): Scored {
  const isFree = item.entry['consistency'] === 'none'
  const points = pointsOf(item.entry['questions']) ?? []
  const read = (question: Dimension): number | null => {
    const answer = answers[question]
    if (answer === undefined || answer === null) {
      problems.push({ item: item.id, question, problem: 'missing', why: 'no answer' })
      return null
    }
    const reading: Reading =
      question === 'reasoning' ? readReasoning(answer, points, parser) : readScore(answer, question, parser)
    if ('value' in reading) return reading.value
    problems.push({ item: item.id, question, problem: 'unparsable', why: reading.why })
    return null
  }
  const reasoning = read('reasoning')
  const consistency = isFree ? null : read('consistency')
  const readability = read('readability')
  const solved = reasoning !== null && reasoning > 0.99 && (isFree || consistency === 2) && readability === 2
  const accuracy = solved ? 1 : reasoning === null && denominator === 'released' ? null : 0
  const [r, c, b] = [hundred(reasoning, 100), hundred(consistency, 50), hundred(readability, 50)]
  const complete = r !== null && b !== null && (isFree || c !== null)
  const relaxed = !complete ? null : isFree ? 0.8 * r + 0.2 * b : 0.6 * r + 0.3 * (c ?? 0) + 0.1 * b
  return { item, reasoning: r, consistency: c, readability: b, relaxed, accuracy }
}

function itemRow(kind: BenchmarkRow['kind'], name: string, members: readonly Scored[]): BenchmarkRow {
  const of = (key: Exclude<keyof Scored, 'item'>): number | null => mean(members.map((one) => one[key]))
  const [reasoning, consistency, readability] = DIMENSIONS.map(of)
  const relaxed =
    typeof reasoning === 'number' && typeof consistency === 'number' && typeof readability === 'number'
      ? 0.6 * reasoning + 0.3 * consistency + 0.1 * readability
      : null
  const values = members.map((one) => one.relaxed)
  return row(kind, name, values, {
    accuracy: of('accuracy'),
    relaxed,
    relaxedPerItem: mean(values),
    reasoning: reasoning ?? null,
    consistency: consistency ?? null,
    readability: readability ?? null,
  })
}

function hundred(value: number | null, factor: number): number | null {
  return value === null ? null : factor * value
}
