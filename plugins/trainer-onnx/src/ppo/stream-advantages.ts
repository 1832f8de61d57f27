import type { TrainerStreams } from '@dda-thinker/plugin-api'
import { discountedReturns } from './gae.ts'
import type { TokenGrid } from './grid.ts'
import { baselineAdvantages } from './group-baseline.ts'
import { klInReward } from './kl-in-reward.ts'
import { whiten } from './whiten.ts'

/** One stream of the reward, as a step's rollouts earned it. */
export interface StreamRewards {
  readonly weight: number
  /** [rows, columns]; 0 in rows that were not asked. */
  readonly rewards: Float64Array
  /** Of each row. */
  readonly asked: readonly boolean[]
}

/** How they are combined. */
export interface StepStreams {
  readonly mode: TrainerStreams['mode']
  readonly parts: readonly StreamRewards[]
}

/** Estimators whose baseline is not a critic. */
export type StreamEstimator = 'grpo' | 'rloo' | 'reinforce++'

interface StreamStep {
  readonly grid: TokenGrid
  readonly groups: readonly string[]
  readonly kl: Float64Array
  /** What the KL costs in the reward; 0 where it is not charged there. */
  readonly coefficient: number
}

interface StreamSettings {
  readonly estimator: StreamEstimator
  readonly gamma: number
  readonly whitenVariance: 'biased' | 'unbiased'
}

/**
 * Advantages of a reward in streams, each estimated over the rows that were asked for it. A stream that earned the same everywhere says
 * nothing. `normalized` (GDPO, arXiv 2601.05242): each on one scale, weighted, added, whitened over the batch. `split`: weighted
 * and added. The KL comes after, on its own.
 * @returns undefined where one stream at most says something under `normalized`, or there is one: nothing is to be combined, and
 * {@link soleRewards} are an ordinary reward.
 */
export function streamAdvantages(
  step: StreamStep,
  streams: StepStreams,
  settings: StreamSettings,
): Float64Array | undefined {
  const { grid } = step
  const live = liveParts(grid, streams)
  if (streams.parts.length === 1 || (streams.mode === 'normalized' && live.length <= 1)) return undefined
  const total = new Float64Array(grid.rows * grid.columns)
  for (const part of live) {
    const own = estimate(step, part, settings, streams.mode === 'normalized')
    for (const [cell, advantage] of own.entries()) total[cell] = (total[cell] ?? 0) + part.weight * advantage
  }
  const { whitenVariance: variance } = settings
  const combined = streams.mode === 'normalized' ? whiten(total, grid.mask, { variance }) : total
  const penalty = klAdvantages(step, settings)
  return combined.map((advantage, cell) => advantage + (penalty[cell] ?? 0))
}

/** The rewards of the one stream that says something; zeros where none does. */
export function soleRewards(grid: TokenGrid, streams: StepStreams): Float64Array {
  const [only] = streams.parts.length === 1 ? streams.parts : liveParts(grid, streams)
  return only?.rewards ?? new Float64Array(grid.rows * grid.columns)
}

function liveParts(grid: TokenGrid, { parts }: StepStreams): readonly StreamRewards[] {
  return parts.filter(({ rewards, asked }) => {
    const totals = rowTotals(grid, rewards).filter((_, row) => asked[row])
    return totals.some((total) => total !== totals[0])
  })
}

function estimate(
  { grid, groups }: StreamStep,
  { rewards, asked }: StreamRewards,
  { estimator, gamma, whitenVariance: variance }: StreamSettings,
  normalized: boolean,
): Float64Array {
  const mask = Float64Array.from(grid.mask, (bit, cell) => (asked[Math.floor(cell / grid.columns)] ? bit : 0))
  if (estimator === 'reinforce++') {
    return whiten(discountedReturns({ ...grid, mask }, { rewards, gamma }), mask, { variance })
  }
  const rows = asked.flatMap((is, row) => (is ? [row] : []))
  const totals = rowTotals(grid, rewards)
  const each = baselineAdvantages({
    scores: rows.map((row) => totals[row] ?? 0),
    groups: rows.map((row) => groups[row] ?? ''),
    estimator,
  })
  const byRow = new Map(rows.map((row, i) => [row, each[i] ?? 0]))
  const spread = Float64Array.from(mask, (bit, cell) =>
    bit === 0 ? 0 : (byRow.get(Math.floor(cell / grid.columns)) ?? 0),
  )
  // The scale of a stream must not matter; grpo has divided by the group's spread already.
  return normalized && estimator === 'rloo' ? whiten(spread, mask, { variance }) : spread
}

/** Less the KL of the others, or, to go, less its mean over the batch. */
function klAdvantages(
  { grid, groups, kl, coefficient }: StreamStep,
  { estimator, gamma }: StreamSettings,
): Float64Array {
  if (coefficient === 0) return new Float64Array(kl.length)
  const rewards = klInReward(new Float64Array(kl.length), kl, coefficient)
  if (estimator === 'reinforce++') {
    const returns = discountedReturns(grid, { rewards, gamma })
    const cells = returns.filter((_, cell) => grid.mask[cell] !== 0)
    const mean = cells.reduce((sum, x) => sum + x, 0) / Math.max(1, cells.length)
    return returns.map((x, cell) => (grid.mask[cell] === 0 ? 0 : x - mean))
  }
  const each = baselineAdvantages({ scores: rowTotals(grid, rewards), groups, estimator: 'rloo' })
  return Float64Array.from(grid.mask, (bit, cell) => (bit === 0 ? 0 : (each[Math.floor(cell / grid.columns)] ?? 0)))
}

function rowTotals({ rows, columns, mask }: TokenGrid, values: ArrayLike<number>): number[] {
  return Array.from({ length: rows }, (_, row) => {
    let total = 0
    for (let cell = row * columns; cell < (row + 1) * columns; cell++) if (mask[cell] !== 0) total += values[cell] ?? 0
    return total
  })
}
