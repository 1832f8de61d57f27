import type { RunColumns } from '../../columns/run-columns.ts'

export const QUANTILES = [0.1, 0.5, 0.9] as const

/** Quantiles of the reward by step, masked rollouts left out; interpolated linearly (type 7). */
export function rewardQuantiles({ rows }: RunColumns) {
  const byStep = new Map<number, number[]>()
  const [steps, rewards] = [rows.step.view(), rows.reward.view()]
  for (let row = 0; row < steps.length; row += 1) {
    const reward = rewards[row] ?? Number.NaN
    if (Number.isNaN(reward)) continue
    const own = byStep.get(steps[row] ?? 0)
    if (own === undefined) byStep.set(steps[row] ?? 0, [reward])
    else own.push(reward)
  }
  const sorted = [...byStep].toSorted(([a], [b]) => a - b)
  for (const [, values] of sorted) values.sort((a, b) => a - b)
  return {
    steps: sorted.map(([step]) => step),
    values: QUANTILES.map((quantile) => sorted.map(([, values]) => at(values, quantile))),
  }
}

function at(sorted: readonly number[], quantile: number): number {
  const position = (sorted.length - 1) * quantile
  const below = Math.floor(position)
  const low = sorted[below] ?? Number.NaN
  return low + ((sorted[below + 1] ?? low) - low) * (position - below)
}
