import { expect, test } from 'vitest'
import { isAskedFor, placeStreams, type RewardStream } from './reward-streams.ts'
import type { ItemContribution, Reward } from './reward.ts'

const STREAMS: readonly RewardStream[] = [
  { name: 'cognitive', scopes: ['cognitive'] },
  { name: 'visual', scopes: ['visual'] },
  { name: 'both', scopes: ['cognitive', 'visual'] },
  { name: 'format', scopes: [] },
]
const plan = {
  sampleId: 's',
  text: 'abcd',
  tokens: { ids: [1, 2], logProbs: [-1, -1], ends: [2, 4], temperature: 1 },
}

const item = (itemId: string, scope: ItemContribution['scope'], more: Partial<ItemContribution>): ItemContribution => ({
  itemId,
  scope,
  passed: true,
  contribution: 0,
  ...more,
})

function reward(items: readonly ItemContribution[], extras: Reward['extras'] = {}): Reward {
  const shares = [...items.map(({ contribution }) => contribution), ...Object.values(extras)]
  return { total: shares.reduce((sum, share) => sum + share, 0), components: {}, items, extras }
}

test('shares go to the stream they name, on the tokens that they are credited to', () => {
  const items = [
    item('c', 'cognitive', { contribution: 0.25, creditAt: 1 }),
    item('v', 'visual', { contribution: 0.5 }),
    item('x', 'visual', { contribution: 0.125, stream: 'both' }),
  ]
  expect(placeStreams({ plan, reward: reward(items, { format: 0.0625 }) }, STREAMS)).toEqual([
    [0.25, 0],
    [0, 0.5],
    [0, 0.125],
    [0, 0.0625],
  ])
})

test('a stream that was not asked for has no numbers, which is not zeros', () => {
  const items = [item('c', 'cognitive', { contribution: 0.25 })]
  const asked = ['cognitive'] as const
  expect(placeStreams({ plan, reward: reward(items), asked }, STREAMS)).toEqual([
    [0, 0.25],
    undefined,
    undefined,
    [0, 0],
  ])
  expect(STREAMS.map((stream) => isAskedFor({ asked }, stream))).toEqual([true, false, false, true])
  expect(STREAMS.every((stream) => isAskedFor({}, stream))).toBe(true)
})

test.each<{ what: string; made: Reward; asked?: readonly ItemContribution['scope'][] }>([
  { what: 'of an extra that names no stream', made: reward([], { bonus: 0.5 }) },
  {
    what: 'of an item that names no stream',
    made: reward([item('c', 'cognitive', { contribution: 0.5, stream: 'other' })]),
  },
  {
    what: 'of a half that was not asked',
    made: reward([item('v', 'visual', { contribution: 0.5 })]),
    asked: ['cognitive'],
  },
])('a share $what is refused, never put somewhere', ({ made, asked }) => {
  const rollout = { plan, reward: made, ...(asked !== undefined && { asked }) }
  expect(() => placeStreams(rollout, STREAMS)).toThrow(expect.objectContaining({ code: 'DDA_REWARD_INVALID' }))
})
