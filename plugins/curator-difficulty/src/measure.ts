import { counts, isSolved, type Difficulty, type Rollout, type Sample } from '@dda-thinker/plugin-api'

/** What rollouts tell of a sample. `undefined` where all failed: nothing was measured, and nothing is made up. */
export function measure(sample: Sample, rollouts: readonly Rollout[]): Difficulty | undefined {
  const rewards = rollouts.flatMap(({ reward, outcome }) =>
    reward !== undefined && counts(outcome) ? [reward.total] : [],
  )
  if (rewards.length === 0) return undefined
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length
  const variance = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / rewards.length
  const solved = rollouts.filter((rollout) => isSolved(rollout, sample.checklist)).length
  return { rollouts: rollouts.length, mean, std: Math.sqrt(variance), solved: solved / rewards.length }
}
