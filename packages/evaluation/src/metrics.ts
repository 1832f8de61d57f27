import { counts, isSolved, type Rollout, type Sample } from '@dda-thinker/plugin-api'

export interface OutcomeCounts {
  readonly scored: number
  readonly gated: number
  readonly masked: number
}

export function countOutcomes(rollouts: readonly Rollout[]): OutcomeCounts {
  const found = { scored: 0, gated: 0, masked: 0 }
  for (const { outcome } of rollouts) found[outcome.kind] += 1
  return found
}

/**
 * What the engine knows of a step, beside the trainer's own metrics: `reward/mean`, `reward/std` (population),
 * `reward/<component>`, `solved`, `solved/<category>`, `rollout/scored|gated|masked`, `plan/tokens`, `plan/format_ok`.
 * Masked rollouts are in no mean; a mean of nothing is absent.
 */
export function stepMetrics(
  rollouts: readonly Rollout[],
  samples: ReadonlyMap<string, Sample>,
): Record<string, number> {
  const outcomes = countOutcomes(rollouts)
  const means = new Means()
  let squares = 0
  let rewards = 0
  for (const rollout of rollouts) {
    const sample = samples.get(rollout.sampleId)
    const { plan, reward } = rollout
    if (reward === undefined || plan === undefined || sample === undefined || !counts(rollout.outcome)) continue
    rewards += 1
    squares += reward.total * reward.total
    means.add('reward/mean', reward.total)
    for (const [name, value] of Object.entries(reward.components)) means.add(`reward/${name}`, value)
    // Of a member that was asked for a part, nobody knows.
    if (rollout.asked === undefined) {
      const solved = isSolved(rollout, sample.checklist) ? 1 : 0
      means.add('solved', solved)
      means.add(`solved/${sample.category}`, solved)
    }
    means.add('plan/format_ok', plan.format.ok ? 1 : 0)
    if (plan.tokens !== undefined) means.add('plan/tokens', plan.tokens.ids.length)
  }
  const metrics = means.all()
  const mean = metrics['reward/mean']
  if (mean !== undefined) metrics['reward/std'] = Math.sqrt(Math.max(0, squares / rewards - mean * mean))
  metrics['rollout/scored'] = outcomes.scored
  metrics['rollout/gated'] = outcomes.gated
  metrics['rollout/masked'] = outcomes.masked
  return metrics
}

/** Mean total reward of what is not masked. */
export function meanReward(rollouts: readonly Rollout[]): number | null {
  const rewards = rollouts.flatMap(({ reward, outcome }) =>
    reward === undefined || !counts(outcome) ? [] : [reward.total],
  )
  return rewards.length === 0 ? null : rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length
}

class Means {
  readonly #sums = new Map<string, { sum: number; count: number }>()

  add(name: string, value: number): void {
    const entry = this.#sums.get(name) ?? { sum: 0, count: 0 }
    entry.sum += value
    entry.count += 1
    this.#sums.set(name, entry)
  }

  all(): Record<string, number> {
    return Object.fromEntries([...this.#sums].map(([name, { sum, count }]) => [name, sum / count]))
  }
}
