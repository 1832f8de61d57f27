import { klValues } from '../ppo/kl.ts'
import type { TokenGrid } from '../ppo/grid.ts'
import { stepAdvantages } from '../ppo/step-advantages.ts'
import type { ScoredPlan, UpdateRow, UpdateStreams } from '../protocol/plan-rows.ts'
import type { PpoSettings } from '../protocol/settings.ts'

/** Per-token numbers of a step's rollouts, [rows, columns] row-major, 0 behind the end of a plan. */
export interface StepTables {
  readonly grid: TokenGrid
  readonly mask: Float64Array
  /** Log-probs in the denominator of the ratio. */
  readonly old: Float64Array
  readonly reference: Float64Array
  readonly values: Float64Array
  readonly advantages: Float64Array
  /** Absent where there is no critic. */
  readonly returns: Float64Array | undefined
  /** Estimates of the KL to the reference; zeros where it is off. */
  readonly kl: Float64Array
}

/**
 * Everything that the epochs of a step need and that does not change during them: rewards less the KL to the reference,
 * and from them the advantages.
 * @param score evaluates the rows under one of the two policies.
 * @param coefficient of the KL.
 */
export async function stepTables(
  rows: readonly UpdateRow[],
  streams: UpdateStreams | undefined,
  ppo: PpoSettings,
  coefficient: number,
  score: (which: 'policy' | 'reference') => Promise<readonly ScoredPlan[]>,
): Promise<StepTables> {
  const columns = rows.reduce((most, row) => Math.max(most, row.tokens.length), 1)
  const spread = (pick: (row: UpdateRow, i: number) => readonly number[]): Float64Array => {
    const table = new Float64Array(rows.length * columns)
    for (const [i, row] of rows.entries()) table.set(pick(row, i), i * columns)
    return table
  }
  const mask = spread((row) => row.tokens.map(() => 1))
  const grid = { rows: rows.length, columns, mask }

  let [old, values] = [spread((row) => row.logProbs), spread((row) => row.values)]
  if (ppo.oldLogProbs === 'recompute') {
    const scored = await score('policy')
    old = spread((_, i) => scored[i]?.logProbs ?? [])
    values = spread((_, i) => scored[i]?.values ?? [])
  }
  let reference = old
  if (ppo.kl.place !== 'off') {
    const scored = await score('reference')
    reference = spread((_, i) => scored[i]?.logProbs ?? [])
  }
  const kl = klValues(ppo.kl.rewardEstimator, old, reference)
  const rewards = spread((row) => row.rewards)
  const about = { groups: rows.map((row) => row.group), tokens: rows.map((row) => row.tokens) }
  const charged = ppo.kl.place === 'reward' ? coefficient : 0
  const parts = streams?.weights.map((weight, stream) => ({
    weight,
    rewards: spread((row) => row.streams[stream] ?? []),
    asked: rows.map((row) => row.streams[stream] !== undefined),
  }))
  const step = {
    rewards,
    kl,
    coefficient: charged,
    values,
    streams: streams && { mode: streams.mode, parts: parts ?? [] },
  }
  const { advantages, returns } = stepAdvantages(grid, step, about, ppo)
  return { grid, mask, old, reference, values, advantages, returns, kl }
}
