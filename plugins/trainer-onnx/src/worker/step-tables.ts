import { klValues } from '../ppo/kl.ts'
import { importanceWeights } from '../ppo/importance.ts'
import type { TokenGrid } from '../ppo/grid.ts'
import { stepAdvantages } from '../ppo/step-advantages.ts'
import type { ScoredPlan, Scorer, UpdateRow, UpdateStreams } from '../protocol/plan-rows.ts'
import type { PpoSettings } from '../protocol/settings.ts'

/** Per-token numbers of a step's rollouts, [rows, columns] row-major, 0 behind the end of a plan. */
export interface StepTables {
  readonly grid: TokenGrid
  readonly mask: Float64Array
  /** Log-probs in the denominator of the ratio. */
  readonly old: Float64Array
  readonly reference: Float64Array
  readonly advantages: Float64Array
  /** By value head; undefined for one that learns nothing in this step. Empty where there is no critic. */
  readonly critics: readonly (CriticTable | undefined)[]
  /** Estimates of the KL to the reference; zeros where it is off. */
  readonly kl: Float64Array
  /** What each token counts by, in the advantages already; undefined where it is not told from another policy. */
  readonly importance: Float64Array | undefined
}

/** What a value head said and should have said. */
export interface CriticTable {
  readonly values: Float64Array
  readonly returns: Float64Array
  /** 1 for tokens of plans that were asked for what it values. */
  readonly mask: Float64Array
  /** Name of the stream; absent where it values the whole reward. */
  readonly stream?: string
}

/**
 * Everything that the epochs of a step need and that does not change during them: rewards less the KL to the reference,
 * and from them the advantages.
 * @param score evaluates the rows under one of the policies, or by the critic.
 * @param coefficient of the KL.
 * @param ownCritic whether the critic has a network of its own, whose values no trace holds.
 */
export async function stepTables(
  rows: readonly UpdateRow[],
  streams: UpdateStreams | undefined,
  ppo: PpoSettings,
  coefficient: number,
  score: (which: Scorer) => Promise<readonly ScoredPlan[]>,
  ownCritic: boolean,
): Promise<StepTables> {
  const columns = rows.reduce((most, row) => Math.max(most, row.tokens.length), 1)
  const spread = (pick: (row: UpdateRow, i: number) => readonly number[]): Float64Array => {
    const table = new Float64Array(rows.length * columns)
    for (const [i, row] of rows.entries()) table.set(pick(row, i), i * columns)
    return table
  }
  const mask = spread((row) => row.tokens.map(() => 1))
  const grid = { rows: rows.length, columns, mask }

  const sampled = spread((row) => row.logProbs)
  let [old, values] = [sampled, [spread((row) => row.values)]]
  const heads = streams?.heads ?? []
  const valuesOf = (scored: readonly ScoredPlan[]): Float64Array[] =>
    Array.from({ length: heads.length || 1 }, (_, head) => spread((_row, i) => scored[i]?.values[head] ?? []))
  // A trace holds the value of one head; those of streams are the critic's as it stands.
  if (ppo.oldLogProbs === 'recompute' || (heads.length > 0 && !ownCritic)) {
    const scored = await score('policy')
    if (ppo.oldLogProbs === 'recompute') old = spread((_, i) => scored[i]?.logProbs ?? [])
    values = valuesOf(scored)
  }
  if (ownCritic) values = valuesOf(await score('critic'))
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
    values: values[heads[stream] ?? -1],
  }))
  const step = {
    rewards,
    kl,
    coefficient: charged,
    values: values[0] ?? new Float64Array(mask.length),
    streams: streams && { mode: streams.mode, parts: parts ?? [] },
  }
  const { advantages, returns, streamReturns } = stepAdvantages(grid, step, about, ppo)
  const critics: (CriticTable | undefined)[] = returns === undefined ? [] : [{ values: step.values, returns, mask }]
  for (const [i, head] of streamReturns === undefined ? [] : heads.entries()) {
    const [part, target] = [parts?.[i], streamReturns?.[i] ?? undefined]
    critics[head] = target && {
      values: part?.values ?? step.values,
      returns: target,
      mask: mask.map((bit, cell) => (part?.asked[Math.floor(cell / columns)] === true ? bit : 0)),
      stream: streams?.names[i] ?? '',
    }
  }
  const cap = ppo.oldLogProbs === 'recompute' ? ppo.importanceCap : null
  const importance = cap === null ? undefined : importanceWeights(old, sampled, cap)
  const weighed = importance === undefined ? advantages : advantages.map((x, cell) => x * (importance[cell] ?? 0))
  return { grid, mask, old, reference, advantages: weighed, critics, kl, importance }
}
