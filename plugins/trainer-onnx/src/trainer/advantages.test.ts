import { expect, test } from 'vitest'
import { estimateAdvantages } from './advantages.ts'
import type { PpoSettings } from './settings.ts'

const grid = { rows: 4, columns: 3, mask: Float64Array.from([1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]) }
const rewards = Float64Array.from([0, 0, 1, 0, 0.4, 9, 0, 0, 3, 0, 0, 3])
const values = new Float64Array(12)
const settings = { estimator: 'gae', gamma: 1, lambda: 1, whiten: false, whitenVariance: 'unbiased' } as PpoSettings

function advantages(groupCentre: boolean, groups: readonly string[]): number[] {
  return [...estimateAdvantages(grid, rewards, values, groups, { ...settings, groupCentre }).advantages]
}

test("centring takes each group's mean over its unmasked tokens away, and leaves returns and singles alone", () => {
  const plain = advantages(false, ['a', 'a', 'b', 'b'])
  expect(plain.filter((_, i) => i !== 5)).toEqual([1, 1, 1, 0.4, 0.4, 3, 3, 3, 3, 3, 3])
  const centred = advantages(true, ['a', 'a', 'b', 'b'])
  const mean = (3 * 1 + 2 * 0.4) / 5
  for (const i of [0, 1, 2]) expect(centred[i]).toBeCloseTo(1 - mean, 12)
  for (const i of [3, 4]) expect(centred[i]).toBeCloseTo(0.4 - mean, 12)
  // Equal rewards in a group teach nothing.
  for (let i = 6; i < 12; i++) expect(centred[i]).toBeCloseTo(0, 12)
  expect(advantages(true, ['a', 'b', 'c', 'd'])).toEqual(plain)
  const { returns } = estimateAdvantages(grid, rewards, values, ['a', 'a', 'b', 'b'], {
    ...settings,
    groupCentre: true,
  })
  expect(returns?.[0]).toBe(1)
})
