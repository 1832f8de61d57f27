import type { BenchmarkAnswer, BenchmarkItem, BenchmarkProblem } from '@dda-thinker/plugin-api'
import { dimensionOf, type Metric } from './folders.ts'
import { officialDualScores, officialScore } from './official-parser.ts'
import type { KrisOptions } from './options.ts'
import { strictNumber, strictScore } from './strict-parser.ts'

export type Answers = Readonly<Record<string, BenchmarkAnswer | null>>
export type Scores = Readonly<Partial<Record<Metric, number>>>

export interface Judged {
  /** 1 to 5, as far as they were given and could be read. */
  readonly scores: Scores
  readonly problems: readonly BenchmarkProblem[]
}

/**
 * The scores of an item: `consistency_score` and so on where an official file holds numbers, else read from the words of the answers
 * `consistency`, `quality`, `instruction`, or `joint` where one answer has both instruction and knowledge.
 */
export function judge(item: BenchmarkItem, answers: Answers | undefined, parser: KrisOptions['parser']): Judged {
  const { metrics } = dimensionOf(item.category)
  const isJoint = metrics.includes('knowledge')
  const scores: Partial<Record<Metric, number>> = {}
  const problems: BenchmarkProblem[] = []
  for (const metric of metrics) {
    const question = isJoint && (metric === 'instruction' || metric === 'knowledge') ? 'joint' : metric
    const number = answers?.[`${metric}_score`]
    const words = answers?.[question]
    if (typeof number !== 'number' && typeof words !== 'string') {
      problems.push({ item: item.id, question: metric, problem: 'missing', why: 'no answer' })
      continue
    }
    const reading =
      typeof number === 'number'
        ? fromNumber(number, metric, parser)
        : fromWords(String(words), metric, question, isJoint, parser)
    if ('score' in reading) scores[metric] = reading.score
    else problems.push({ item: item.id, question: metric, problem: 'unparsable', why: reading.why })
  }
  return { scores, problems }
}

type Reading = { readonly score: number } | { readonly why: string }

function fromNumber(number: number, metric: Metric, parser: KrisOptions['parser']): Reading {
  return parser === 'strict' ? strictNumber(number, `${metric}_score`) : { score: number }
}

function fromWords(
  words: string,
  metric: Metric,
  question: string,
  isJoint: boolean,
  parser: KrisOptions['parser'],
): Reading {
  if (parser === 'strict') return strictScore(words, metric)
  const score =
    question === 'joint' && (metric === 'instruction' || metric === 'knowledge')
      ? officialDualScores(words)[metric]
      : officialScore(words, metric, isJoint ? 'metrics_knowledge' : 'metrics_common')
  return score === undefined ? { why: `no ${metric}_score` } : { score }
}
