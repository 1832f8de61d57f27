import { baselineAdvantages } from '../ppo/group-baseline.ts'
import { discountedReturns, gae } from '../ppo/gae.ts'
import type { TokenGrid } from '../ppo/grid.ts'
import { whiten } from '../ppo/whiten.ts'
import { centreGroups, centrePrefixes } from './centring.ts'
import type { PpoSettings } from '../protocol/settings.ts'

export interface Advantages {
  /** What the policy loss uses, whitened if so set. */
  readonly advantages: Float64Array
  /** Targets of the critic; absent where there is no critic. */
  readonly returns?: Float64Array
}

/**
 * Token advantages of a step's rollouts by the configured estimator.
 * @param tokens of each row's plan.
 */
export function estimateAdvantages(
  grid: TokenGrid,
  rewards: Float64Array,
  values: Float64Array,
  groups: readonly string[],
  settings: PpoSettings,
  tokens: readonly (readonly number[])[],
): Advantages {
  const whitened = (raw: Float64Array): Float64Array => whiten(raw, grid.mask, { variance: settings.whitenVariance })
  if (settings.estimator === 'gae') {
    const { advantages, returns } = gae(grid, { rewards, values, gamma: settings.gamma, lambda: settings.lambda })
    if (settings.groupCentre === 'plan') centreGroups(advantages, grid, groups)
    if (settings.groupCentre === 'prefix') centrePrefixes(advantages, grid, groups, tokens)
    return { advantages: settings.whiten ? whitened(advantages) : advantages, returns }
  }
  if (settings.estimator === 'reinforce++') {
    // Whitening over the whole batch is this estimator's baseline (Hu 2025), so it is not optional.
    return { advantages: whitened(discountedReturns(grid, { rewards, gamma: settings.gamma })) }
  }
  // Group baselines are normalised within the group already.
  const scores = Array.from({ length: grid.rows }, (_, row) => sum(rewards, row * grid.columns, grid.columns))
  const each = baselineAdvantages({ scores, groups, estimator: settings.estimator })
  const spread = Float64Array.from(grid.mask, (bit, i) => (bit === 0 ? 0 : (each[Math.floor(i / grid.columns)] ?? 0)))
  return { advantages: spread }
}

function sum(values: Float64Array, from: number, count: number): number {
  let total = 0
  for (let i = from; i < from + count; i++) total += values[i] ?? 0
  return total
}
