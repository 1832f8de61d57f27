import type { ItemContribution, Reward } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { klInReward, placeReward } from './reward-placement.ts'

const item = (itemId: string, contribution: number, creditAt?: number): ItemContribution => ({
  itemId,
  scope: 'visual',
  passed: contribution > 0,
  contribution,
  ...(creditAt !== undefined && { creditAt }),
})
const reward = (items: readonly ItemContribution[], extras: Record<string, number> = {}): Reward => ({
  total: [...items.map((one) => one.contribution), ...Object.values(extras)].reduce((a, b) => a + b, 0),
  components: {},
  items,
  extras,
})
const ends = [3, 7, 7, 12]

test('without credit everything stands on the last token', () => {
  const placed = placeReward(reward([item('a', 0.25), item('b', 0.5)], { format: 0.1 }), ends, 's')
  expect([...placed]).toEqual([0, 0, 0, 0.85])
})

test('a credited item stands on the token that writes the character before its offset', () => {
  const credited = [item('a', 1, 3), item('b', 2, 4), item('c', 4, 7), item('d', 8, 8), item('e', 16, 99)]
  expect([...placeReward(reward(credited), ends, 's')]).toEqual([1, 6, 0, 24])
})

test('the sum over tokens is the total', () => {
  const given = reward([item('a', 0.1, 3), item('b', 0.2, 7), item('c', -0.7)], { format: 0.1, style: 0.05 })
  const placed = placeReward(given, ends, 's')
  expect(placed.reduce((a, b) => a + b, 0)).toBeCloseTo(given.total, 12)
})

test('what a decomposition gave to no part still counts', () => {
  const placed = placeReward({ total: 0.7, components: {}, items: [], extras: {} }, ends, 's')
  expect([...placed]).toEqual([0, 0, 0, 0.7])
})

test.each([
  ['the total', { ...reward([item('a', 1)]), total: Number.NaN }],
  ['an item', reward([item('a', Infinity), item('b', -Infinity)])],
  ['an extra', { ...reward([], { format: Number.NaN }), total: 1 }],
])('%s that is not finite is refused by the id of the sample', (_, given) => {
  expect(() => placeReward(given, ends, 'sample-9')).toThrow(
    expect.objectContaining({ code: 'DDA_REWARD_NOT_FINITE', sampleId: 'sample-9' }),
  )
})

test('the KL penalty is taken off token by token', () => {
  expect([...klInReward([0, 0, 1], [0.5, -1, 0], 0.1)]).toEqual([-0.05, 0.1, 1])
})
