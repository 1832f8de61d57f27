import { baselineAdvantages } from '../ppo/group-baseline.ts'
import { discountedReturns, gae } from '../ppo/gae.ts'
import type { TokenGrid } from '../ppo/grid.ts'
import { whiten } from '../ppo/whiten.ts'
import type { PpoSettings } from './settings.ts'

export interface Advantages {
  /** What the policy loss uses, whitened if so set. */
  readonly advantages: Float64Array
  /** Targets of the critic; absent where there is no critic. */
  readonly returns?: Float64Array
}

/** Token advantages of a step's rollouts by the configured estimator. */
export function estimateAdvantages(
  grid: TokenGrid,
  rewards: Float64Array,
  values: Float64Array,
  groups: readonly string[],
  settings: PpoSettings,
): Advantages {
  const whitened = (raw: Float64Array): Float64Array => whiten(raw, grid.mask, { variance: settings.whitenVariance })
  if (settings.estimator === 'gae') {
    const { advantages, returns } = gae(grid, { rewards, values, gamma: settings.gamma, lambda: settings.lambda })
    if (settings.groupCentre) centreGroups(advantages, grid, groups)
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

/**
 * Subtracts each group's mean advantage over its tokens, in place: what the critic does not know yet about a sample is the
 * same for all its rollouts. A control variate as in group baselines (Shao et al. 2024), on top of the critic.
 */
function centreGroups(advantages: Float64Array, grid: TokenGrid, groups: readonly string[]): void {
  const rowsOf = new Map<string, number[]>()
  for (const [row, group] of groups.entries()) {
    const rows = rowsOf.get(group)
    if (rows === undefined) rowsOf.set(group, [row])
    else rows.push(row)
  }
  for (const rows of rowsOf.values()) {
    if (rows.length < 2) continue
    const cells = rows.flatMap((row) =>
      Array.from({ length: grid.columns }, (_, column) => row * grid.columns + column),
    )
    const used = cells.filter((cell) => grid.mask[cell] === 1)
    const mean = used.reduce((total, cell) => total + (advantages[cell] ?? 0), 0) / Math.max(1, used.length)
    for (const cell of used) advantages[cell] = (advantages[cell] ?? 0) - mean
  }
}

function sum(values: Float64Array, from: number, count: number): number {
  let total = 0
  for (let i = from; i < from + count; i++) total += values[i] ?? 0
  return total
}
