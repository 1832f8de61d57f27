import { expect, test } from 'vitest'
import { estimateAdvantages } from './advantages.ts'
import type { PpoSettings } from '../protocol/settings.ts'

const grid = { rows: 4, columns: 3, mask: Float64Array.from([1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]) }
const rewards = Float64Array.from([0, 0, 1, 0, 0.4, 9, 0, 0, 3, 0, 0, 3])
const values = new Float64Array(12)
const settings = { estimator: 'gae', gamma: 1, lambda: 1, whiten: false, whitenVariance: 'unbiased' } as PpoSettings

const tokens = [
  [5, 6, 1],
  [5, 7],
  [5, 6, 1],
  [5, 6, 2],
]

type Centre = PpoSettings['groupCentre']

function advantages(groupCentre: Centre, groups: readonly string[], earned = rewards): number[] {
  return [...estimateAdvantages(grid, earned, values, groups, { ...settings, groupCentre }, tokens).advantages]
}

test("centring takes each group's mean over its unmasked tokens away, and leaves returns and singles alone", () => {
  const plain = advantages('off', ['a', 'a', 'b', 'b'])
  expect(plain.filter((_, i) => i !== 5)).toEqual([1, 1, 1, 0.4, 0.4, 3, 3, 3, 3, 3, 3])
  const centred = advantages('plan', ['a', 'a', 'b', 'b'])
  const mean = (3 * 1 + 2 * 0.4) / 5
  for (const i of [0, 1, 2]) expect(centred[i]).toBeCloseTo(1 - mean, 12)
  for (const i of [3, 4]) expect(centred[i]).toBeCloseTo(0.4 - mean, 12)
  // Equal rewards in a group teach nothing.
  for (let i = 6; i < 12; i++) expect(centred[i]).toBeCloseTo(0, 12)
  expect(advantages('plan', ['a', 'b', 'c', 'd'])).toEqual(plain)
  const centred2 = { ...settings, groupCentre: 'plan' } as const
  const { returns } = estimateAdvantages(grid, rewards, values, ['a', 'a', 'b', 'b'], centred2, tokens)
  expect(returns?.[0]).toBe(1)
})

test('centring by prefix compares each token with what plans of the same beginning went on with', () => {
  const earned = Float64Array.from([0, 0, 1, 0, 0.4, 9, 0, 0, 0, 0, 0, 3])
  const found = advantages('prefix', ['a', 'a', 'a', 'a'], earned)
  const close = (cells: readonly number[], expected: readonly number[]): void => {
    for (const [i, cell] of cells.entries()) expect(found[cell], `cell ${cell}`).toBeCloseTo(expected[i] as number, 12)
  }
  // First and second token: all plans begin with 5. Third: rows 0, 2 and 3 have gone on with 6.
  close([0, 3, 6, 9], [1 - 1.1, 0.4 - 1.1, -1.1, 3 - 1.1])
  close([1, 4, 7, 10], [1 - 1.1, 0.4 - 1.1, -1.1, 3 - 1.1])
  close([2, 8, 11], [1 - 4 / 3, -4 / 3, 3 - 4 / 3])
})

test('centring by prefix leaves a plan that is alone in its group, and drops one that has gone its own way', () => {
  expect(advantages('prefix', ['a', 'b', 'c', 'd'])).toEqual(advantages('off', ['a', 'b', 'c', 'd']))
  const found = estimateAdvantages(
    grid,
    rewards,
    values,
    ['a', 'a', 'b', 'b'],
    { ...settings, groupCentre: 'prefix' },
    [
      [5, 6, 1],
      [7, 6],
      [5, 6, 1],
      [5, 6, 1],
    ],
  ).advantages
  expect(Array.from(found.slice(0, 5)).map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0.3, 0, 0, -0.3, 0])
})
