import assert from 'node:assert/strict'
import type { LossAggregation, LossOutput, Matrix, PolicyLossInput, TrainerProbe } from '@dda-thinker/plugin-api'
import { pick } from './fakes/index.ts'
import { GOLDEN_TOLERANCE } from './golden-vectors.ts'
import { assertClose } from './harness.ts'

/** Registers one test that gets a probe. */
export type Check = (name: string, run: (probe: TrainerProbe) => Promise<void>) => unknown

export interface Batch {
  readonly rewards: Matrix
  readonly values: Matrix
  readonly mask: Matrix
}

export function randomBatch(random: () => number, rows: number, columns: number): Batch {
  const matrix = (cell: () => number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, cell))
  const mask = matrix(() => (random() < 0.7 ? 1 : 0))
  // Two tokens at least in each row, so that nothing is degenerate.
  for (const row of mask) row.fill(1, 0, 2)
  return { rewards: matrix(() => random() * 2 - 1), values: matrix(() => random()), mask }
}

export function bruteForceGae({ rewards, values, mask }: Batch, gamma: number, lambda: number): Matrix {
  return rewards.map((row, r) => {
    const kept = row.map((_, c) => c).filter((c) => mask[r]?.[c] === 1)
    const value = (k: number): number => (kept[k] === undefined ? 0 : (values[r]?.[kept[k]] as number))
    const delta = kept.map((c, k) => (row[c] as number) + gamma * value(k + 1) - value(k))
    const result = row.map(() => 0)
    kept.forEach((c, k) => {
      result[c] = delta.slice(k).reduce((sum, d, steps) => sum + (gamma * lambda) ** steps * d, 0)
    })
    return result
  })
}

export function randomLossInput(random: () => number, aggregation: LossAggregation): PolicyLossInput {
  const { rewards, values, mask } = randomBatch(random, 4, 5)
  const oldLogProbs = values.map((row) => row.map((value) => -0.1 - value))
  const logProbs = oldLogProbs.map((row) => row.map((old) => old + pick(random, [-0.4, -0.1, 0, 0.05, 0.5])))
  return { logProbs, oldLogProbs, advantages: rewards, mask, clipLow: 0.2, clipHigh: 0.28, dualClip: 3, aggregation }
}

export function mapMatrices(input: PolicyLossInput, change: (matrix: Matrix) => Matrix): PolicyLossInput {
  const { logProbs, oldLogProbs, advantages, mask } = input
  return {
    ...input,
    logProbs: change(logProbs),
    oldLogProbs: change(oldLogProbs),
    advantages: change(advantages),
    mask: change(mask),
  }
}

export function closeWhere(
  mask: Matrix,
  actual: Matrix,
  expected: Matrix,
  what: string,
  tolerance = GOLDEN_TOLERANCE,
): void {
  assert.equal(actual.length, mask.length, `${what}: rows`)
  mask.forEach((row, r) => {
    row.forEach((bit, c) => {
      if (bit === 1) assertClose(actual[r]?.[c], expected[r]?.[c], tolerance, `${what}[${r}][${c}]`)
    })
  })
}

export function equalWhere(mask: Matrix, actual: Matrix, expected: Matrix): void {
  closeWhere(mask, actual, expected, 'exactly', 0)
}

export function sameOutput(mask: Matrix, actual: LossOutput, expected: LossOutput, tolerance = 0): void {
  assertClose(actual.loss, expected.loss, tolerance, 'loss')
  closeWhere(mask, actual.gradient, expected.gradient, 'gradient', tolerance)
  for (const [name, value] of Object.entries(expected.metrics))
    assertClose(actual.metrics[name], value, tolerance, name)
}
