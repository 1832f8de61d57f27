import { expect, test } from 'vitest'
import { explainedVariance, StatsAccumulator, summary } from './metrics.ts'
import { PPO_STATS } from './stats.ts'

test('explained variance: perfect, half right, constant, worse than constant', () => {
  const returns = [1, 2, 3, 4]
  expect(explainedVariance(returns, returns)).toBe(1)
  expect(explainedVariance([2.5, 2.5, 2.5, 2.5], returns)).toBe(0)
  expect(explainedVariance([4, 3, 2, 1], returns)).toBe(-3)
  expect(explainedVariance([1.75, 2.25, 2.75, 3.25], returns)).toBeCloseTo(0.75, 12)
})

test('where returns do not vary nothing can be explained', () => {
  expect(explainedVariance([1, 2, 3], [0.1, 0.1, 0.1])).toBeUndefined()
  expect(explainedVariance([], [])).toBeUndefined()
})

test('masked values are not read', () => {
  expect(summary([1, Number.NaN, 3], [1, 0, 1])).toEqual({ mean: 2, std: 1, min: 1, max: 3, count: 2 })
  expect(summary([5], [0]).count).toBe(0)
  expect(explainedVariance([1, Number.NaN, 3], [1, 7, 3], [1, 0, 1])).toBe(1)
})

test('statistics add up over micro-batches, average over mini-batches and keep the largest ratio', () => {
  const all = new StatsAccumulator()
  all.add(stats(1, 1.2))
  all.add(stats(2, 3))
  all.endMiniBatch()
  all.add(stats(5, 1.1))
  all.endMiniBatch()
  expect(all.result()).toMatchObject({ policyLoss: 4, ratioMax: 3, entropy: 0 })
})

function stats(loss: number, ratioMax: number): number[] {
  return PPO_STATS.map((name) => (name === 'policyLoss' ? loss : name === 'ratioMax' ? ratioMax : 0))
}
