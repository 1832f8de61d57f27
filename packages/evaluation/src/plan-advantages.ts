import type { Estimator, StreamMode } from '@dda-thinker/plugin-api'
import { groupBy } from './statistics/interval.ts'

/** What a plan earned. */
export interface PlanScore {
  /** Plans of one sample in one step share it. */
  readonly group: string
  /** Of the plan; whitening counts tokens. */
  readonly tokens: number
  /** Of each stream, or one of the total; undefined: the plan was not asked for it. */
  readonly scores: readonly (number | undefined)[]
}

export interface PlanAdvantages {
  /** One a plan. */
  readonly combined: readonly number[]
  /** By stream, one a plan: before weighting. 0 where it was not asked. */
  readonly byStream: readonly (readonly number[])[]
}

export interface PlanAdvantageOptions {
  readonly estimator: Exclude<Estimator, 'gae'>
  readonly mode: StreamMode
  /** Of each stream; with `sum` of nothing. */
  readonly weights: readonly number[]
}

/** As in trainers: verl's `compute_grpo_outcome_advantage`, and `masked_whiten` of verl and TRL. */
const GROUP_EPSILON = 1e-6
const WHITEN_EPSILON = 1e-8

/**
 * The advantage that each plan of a step has as a whole, from its rewards alone: without KL, and as if all of them stood at its
 * end. What trainers compute token by token comes to this number under the same settings; `gae` needs a critic, which is no
 * part of a record.
 * @param plans of one step, masked ones left out
 */
export function planAdvantages(plans: readonly PlanScore[], options: PlanAdvantageOptions): PlanAdvantages {
  const { estimator, mode, weights } = options
  const count = plans[0]?.scores.length ?? 0
  const streams = Array.from({ length: count }, (_, stream) => plans.map(({ scores }) => scores[stream]))
  // The only stream is an ordinary reward; one that alone says something is normalised like any other.
  const alone = mode === 'sum' || count === 1
  const byStream = streams.map((scores) => {
    if (!saysSomething(scores)) return plans.map(() => 0)
    const own = estimate(plans, scores, estimator)
    return mode === 'normalized' && !alone && estimator === 'rloo' ? whiten(plans, own, scores) : own
  })
  const weighted = plans.map((_, i) =>
    byStream.reduce((sum, own, stream) => sum + (alone ? 1 : (weights[stream] ?? 1)) * (own[i] ?? 0), 0),
  )
  const everybody = plans.map(() => 0)
  return { combined: mode === 'normalized' && !alone ? whiten(plans, weighted, everybody) : weighted, byStream }
}

function saysSomething(scores: readonly (number | undefined)[]): boolean {
  const asked = scores.filter((score) => score !== undefined)
  return asked.some((score) => score !== asked[0])
}

function estimate(
  plans: readonly PlanScore[],
  scores: readonly (number | undefined)[],
  estimator: PlanAdvantageOptions['estimator'],
): readonly number[] {
  if (estimator === 'reinforce++')
    return whiten(
      plans,
      scores.map((score) => score ?? 0),
      scores,
    )
  const advantages = plans.map(() => 0)
  const asked = plans.flatMap(({ group }, i) => {
    const score = scores[i]
    return score === undefined ? [] : [{ i, group, score }]
  })
  for (const members of groupBy(asked, ({ group }) => group).values()) {
    const own = members.map(({ score }) => score)
    if (own.length < 2 || own.every((score) => score === own[0])) continue
    const mean = own.reduce((sum, x) => sum + x, 0) / own.length
    const squares = own.reduce((sum, x) => sum + (x - mean) ** 2, 0)
    const scale =
      estimator === 'grpo' ? 1 / (Math.sqrt(squares / (own.length - 1)) + GROUP_EPSILON) : own.length / (own.length - 1)
    for (const { i, score } of members) advantages[i] = (score - mean) * scale
  }
  return advantages
}

/** To mean 0 and variance 1 over the tokens of the plans that were asked. */
function whiten(
  plans: readonly PlanScore[],
  values: readonly number[],
  asked: readonly (number | undefined)[],
): readonly number[] {
  const tokens = plans.map((plan, i) => (asked[i] === undefined ? 0 : plan.tokens))
  const all = tokens.reduce((sum, x) => sum + x, 0)
  if (all < 2) return values.map(() => 0)
  const mean = values.reduce((sum, x, i) => sum + x * (tokens[i] ?? 0), 0) / all
  const variance = values.reduce((sum, x, i) => sum + (x - mean) ** 2 * (tokens[i] ?? 0), 0) / (all - 1)
  return values.map((x, i) => (tokens[i] === 0 ? 0 : (x - mean) / Math.sqrt(variance + WHITEN_EPSILON)))
}
