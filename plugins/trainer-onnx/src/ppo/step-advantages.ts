import type { Estimator } from '@dda-thinker/plugin-api'
import { criticAdvantages, type CriticSettings } from './critic-advantages.ts'
import { discountedReturns } from './gae.ts'
import type { TokenGrid } from './grid.ts'
import { baselineAdvantages } from './group-baseline.ts'
import type { GroupRows } from './group-centre.ts'
import { klInReward } from './kl-in-reward.ts'
import {
  soleStream,
  streamAdvantages,
  type StepStreams,
  type StreamAdvantages,
  type StreamRewards,
} from './stream-advantages.ts'
import { whiten } from './whiten.ts'

/** What advantages are estimated by. */
export interface AdvantageSettings extends CriticSettings {
  readonly estimator: Estimator
}

/** Tables of a step, [rows, columns] row-major. */
export interface StepRewards {
  /** Of the task, on their tokens. */
  readonly rewards: Float64Array
  /** To the reference policy. */
  readonly kl: Float64Array
  /** What the KL costs in the reward; 0 where it is not charged there. */
  readonly coefficient: number
  /** Of the critic; zeros where there is none. */
  readonly values: Float64Array
  /** The parts of `rewards`, where they are not taken as one. */
  readonly streams?: StepStreams | undefined
}

export interface Advantages {
  /** What the policy loss uses, whitened if so set. */
  readonly advantages: Float64Array
  /** Targets of the critic; absent where there is none, and where each stream has its own. */
  readonly returns?: Float64Array
  /** Targets of each stream's value head, in their order; null for one that says nothing. Absent without streams or critic. */
  readonly streamReturns?: readonly (Float64Array | null)[]
}

/** Token advantages of a step's rollouts by the configured estimator. */
export function stepAdvantages(
  grid: TokenGrid,
  { rewards, kl, coefficient, values, streams }: StepRewards,
  rows: GroupRows,
  settings: AdvantageSettings,
): Advantages {
  const { estimator, gamma } = settings
  if (streams !== undefined) {
    const sole = soleStream(streams)
    const { advantages, streamReturns } =
      sole === undefined
        ? streamAdvantages({ grid, ...rows, kl, coefficient }, streams, settings)
        : soleAdvantages(grid, { kl, coefficient }, sole, rows, settings)
    return { advantages, ...(estimator === 'gae' && { streamReturns }) }
  }
  const whitened = (raw: Float64Array): Float64Array => whiten(raw, grid.mask, { variance: settings.whitenVariance })
  if (estimator === 'grpo' || estimator === 'rloo') {
    const penalties = klInReward(new Float64Array(rewards.length), kl, coefficient)
    return { advantages: groupBaselines(grid, rewards, penalties, rows.groups, estimator) }
  }
  const charged = coefficient === 0 ? rewards : klInReward(rewards, kl, coefficient)
  if (estimator === 'reinforce++') {
    // Whitening over the whole batch is this estimator's baseline (Hu 2025), so it is not optional.
    return { advantages: whitened(discountedReturns(grid, { rewards: charged, gamma })) }
  }
  return criticAdvantages(grid, { rewards: charged, values }, rows, settings)
}

/** The only stream as the ordinary reward that it is. */
function soleAdvantages(
  grid: TokenGrid,
  kl: Pick<StepRewards, 'kl' | 'coefficient'>,
  { rewards, values }: StreamRewards,
  rows: GroupRows,
  settings: AdvantageSettings,
): StreamAdvantages {
  const none = new Float64Array(rewards.length)
  const { advantages, returns } = stepAdvantages(grid, { rewards, ...kl, values: values ?? none }, rows, settings)
  return { advantages, streamReturns: [returns ?? null] }
}

/**
 * The task's reward by the estimator, the KL by the mean of the others: normalised together, β would cancel in every group of
 * equal rewards, where nothing but the KL varies, and the KL would weigh as much as a reward.
 */
function groupBaselines(
  grid: TokenGrid,
  rewards: Float64Array,
  penalties: Float64Array,
  groups: readonly string[],
  estimator: 'grpo' | 'rloo',
): Float64Array {
  const totals = (table: Float64Array): Float64Array =>
    Float64Array.from({ length: grid.rows }, (_, row) => sum(table, row * grid.columns, grid.columns))
  const task = baselineAdvantages({ scores: totals(rewards), groups, estimator })
  const kl = baselineAdvantages({ scores: totals(penalties), groups, estimator: 'rloo' })
  return Float64Array.from(grid.mask, (bit, cell) => {
    const row = Math.floor(cell / grid.columns)
    return bit === 0 ? 0 : (task[row] ?? 0) + (kl[row] ?? 0)
  })
}

function sum(values: Float64Array, from: number, count: number): number {
  let total = 0
  for (let i = from; i < from + count; i++) total += values[i] ?? 0
  return total
}
