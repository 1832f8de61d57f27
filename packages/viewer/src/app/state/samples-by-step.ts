import type { RunColumns } from '../../columns/run-columns.ts'

/** The rows of a sample, by step. */
export function rowsOfSample({ rows }: RunColumns, sample: number): readonly number[] {
  const samples = rows.sample.view()
  const found: number[] = []
  for (let row = 0; row < samples.length; row += 1) if (samples[row] === sample) found.push(row)
  return found
}

/** Samples that come in most steps, first the one that comes most. */
export function frequentSamples(columns: RunColumns, most: number): readonly number[] {
  const counts = new Uint32Array(columns.sampleFacts.length)
  for (const sample of columns.rows.sample.view()) counts[sample] = (counts[sample] ?? 0) + 1
  return [...counts.keys()].toSorted((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b).slice(0, most)
}

/** The last rollouts at a step or before it: all of the sample's in that step. */
export function rowsAt({ rows }: RunColumns, ofSample: readonly number[], step: number): readonly number[] {
  let last = -1
  for (const row of ofSample) if (rows.step.at(row) <= step) last = Math.max(last, rows.step.at(row))
  return ofSample.filter((row) => rows.step.at(row) === last)
}

/** Mean rewards of a sample by step; masked rollouts are in none. */
export function rewardsByStep({ rows }: RunColumns, ofSample: readonly number[]) {
  const sums = new Map<number, { sum: number; count: number }>()
  for (const row of ofSample) {
    const reward = rows.reward.at(row)
    if (Number.isNaN(reward)) continue
    const entry = sums.get(rows.step.at(row)) ?? { sum: 0, count: 0 }
    sums.set(rows.step.at(row), { sum: entry.sum + reward, count: entry.count + 1 })
  }
  return [...sums].toSorted(([a], [b]) => a - b).map(([step, { sum, count }]) => ({ step, reward: sum / count }))
}
