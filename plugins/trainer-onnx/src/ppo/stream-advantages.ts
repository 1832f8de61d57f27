import type { Estimator, TrainerStreams } from '@dda-thinker/plugin-api'
import { criticAdvantages, type CriticSettings } from './critic-advantages.ts'
import { discountedReturns } from './gae.ts'
import type { TokenGrid } from './grid.ts'
import { baselineAdvantages } from './group-baseline.ts'
import type { GroupRows } from './group-centre.ts'
import { klInReward } from './kl-in-reward.ts'
import { whiten } from './whiten.ts'

/** One stream of the reward, as a step's rollouts earned it. */
export interface StreamRewards {
  readonly weight: number
  /** [rows, columns]; 0 in rows that were not asked. */
  readonly rewards: Float64Array
  /** Of each row. */
  readonly asked: readonly boolean[]
  /** Of its value head; absent without a critic. */
  readonly values?: Float64Array | undefined
}

/** How they are combined. */
export interface StepStreams {
  readonly mode: TrainerStreams['mode']
  readonly parts: readonly StreamRewards[]
}

interface StreamStep extends GroupRows {
  readonly grid: TokenGrid
  readonly kl: Float64Array
  /** What the KL costs in the reward; 0 where it is not charged there. */
  readonly coefficient: number
}

interface StreamSettings extends CriticSettings {
  readonly estimator: Estimator
}

export interface StreamAdvantages {
  readonly advantages: Float64Array
  /** Of each stream, 0 in rows that were not asked; null for one that says nothing, and without a critic. */
  readonly streamReturns: readonly (Float64Array | null)[]
}

/**
 * Advantages of a reward in streams, each estimated over the rows that were asked for it, with gae by its own value head. A stream
 * that earned the same everywhere says nothing. `normalized` (GDPO, arXiv 2601.05242): each on one scale, weighted, added, whitened
 * over the batch, also where one alone says something: so do verl and TRL, and its scale matters in no step. `split`: weighted and
 * added. The KL comes after, on its own.
 * @param streams two or more; {@link soleStream} is an ordinary reward
 */
export function streamAdvantages(step: StreamStep, streams: StepStreams, settings: StreamSettings): StreamAdvantages {
  const { grid } = step
  const normalized = streams.mode === 'normalized'
  const total = new Float64Array(grid.rows * grid.columns)
  const streamReturns = streams.parts.map((part) => {
    if (!saysSomething(grid, part)) return null
    const own = estimate(step, part, settings, normalized)
    for (const [cell, advantage] of own.advantages.entries()) total[cell] = (total[cell] ?? 0) + part.weight * advantage
    return own.returns ?? null
  })
  const { whitenVariance: variance } = settings
  const combined = normalized ? whiten(total, grid.mask, { variance }) : total
  const penalty = klAdvantages(step, settings)
  return { advantages: combined.map((advantage, cell) => advantage + (penalty[cell] ?? 0)), streamReturns }
}

/** The only stream that the reward has, which is an ordinary reward, whatever the mode. */
export function soleStream({ parts }: StepStreams): StreamRewards | undefined {
  return parts.length === 1 ? parts[0] : undefined
}

function saysSomething(grid: TokenGrid, { rewards, asked }: StreamRewards): boolean {
  const totals = rowTotals(grid, rewards).filter((_, row) => asked[row])
  return totals.some((total) => total !== totals[0])
}

interface Estimate {
  readonly advantages: Float64Array
  readonly returns?: Float64Array
}

function estimate(step: StreamStep, part: StreamRewards, settings: StreamSettings, normalized: boolean): Estimate {
  const { grid, groups } = step
  const { rewards, asked } = part
  const { estimator, gamma, whitenVariance: variance } = settings
  if (estimator === 'gae') {
    return byCritic(step, part, { ...settings, whiten: normalized || settings.whiten })
  }
  const mask = Float64Array.from(grid.mask, (bit, cell) => (asked[Math.floor(cell / grid.columns)] ? bit : 0))
  if (estimator === 'reinforce++') {
    return { advantages: whiten(discountedReturns({ ...grid, mask }, { rewards, gamma }), mask, { variance }) }
  }
  const rows = askedRows(part)
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
  return { advantages: normalized && estimator === 'rloo' ? whiten(spread, mask, { variance }) : spread }
}

/** As if the rows that were asked were all there are: who was not is compared with nobody. */
function byCritic({ grid, groups, tokens }: StreamStep, part: StreamRewards, settings: CriticSettings): Estimate {
  const { columns } = grid
  const rows = askedRows(part)
  const gathered = (table: ArrayLike<number> | undefined): Float64Array =>
    Float64Array.from({ length: rows.length * columns }, (_, cell) => {
      return table?.[(rows[Math.floor(cell / columns)] as number) * columns + (cell % columns)] ?? 0
    })
  const scattered = (table: Float64Array): Float64Array => {
    const whole = new Float64Array(grid.rows * columns)
    for (const [i, row] of rows.entries()) whole.set(table.subarray(i * columns, (i + 1) * columns), row * columns)
    return whole
  }
  const { advantages, returns } = criticAdvantages(
    { rows: rows.length, columns, mask: gathered(grid.mask) },
    { rewards: gathered(part.rewards), values: gathered(part.values) },
    { groups: rows.map((row) => groups[row] ?? ''), tokens: rows.map((row) => tokens[row] ?? []) },
    settings,
  )
  return { advantages: scattered(advantages), returns: scattered(returns) }
}

/** Less the KL of the others, or, to go, less its mean over the batch. */
function klAdvantages(
  { grid, groups, kl, coefficient }: StreamStep,
  { estimator, gamma }: Pick<StreamSettings, 'estimator' | 'gamma'>,
): Float64Array {
  if (coefficient === 0) return new Float64Array(kl.length)
  const rewards = klInReward(new Float64Array(kl.length), kl, coefficient)
  if (estimator === 'reinforce++' || estimator === 'gae') {
    const returns = discountedReturns(grid, { rewards, gamma })
    const cells = returns.filter((_, cell) => grid.mask[cell] !== 0)
    const mean = cells.reduce((sum, x) => sum + x, 0) / Math.max(1, cells.length)
    return returns.map((x, cell) => (grid.mask[cell] === 0 ? 0 : x - mean))
  }
  const each = baselineAdvantages({ scores: rowTotals(grid, rewards), groups, estimator: 'rloo' })
  return Float64Array.from(grid.mask, (bit, cell) => (bit === 0 ? 0 : (each[Math.floor(cell / grid.columns)] ?? 0)))
}

function askedRows({ asked }: StreamRewards): readonly number[] {
  return asked.flatMap((is, row) => (is ? [row] : []))
}

function rowTotals({ rows, columns, mask }: TokenGrid, values: ArrayLike<number>): number[] {
  return Array.from({ length: rows }, (_, row) => {
    let total = 0
    for (let cell = row * columns; cell < (row + 1) * columns; cell++) if (mask[cell] !== 0) total += values[cell] ?? 0
    return total
  })
}
