import { expect, test } from 'vitest'
import { checkReward, placeRewards, REWARD_TOLERANCE } from './reward-placement.ts'
import type { ItemContribution, Reward } from './reward.ts'

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
const text = 'ab cdef ghi?'
const ends = [3, 7, 7, 12]
const plan = { sampleId: 'sample-9', text, tokens: { ids: [1, 2, 3, 4], logProbs: [0, 0, 0, 0], ends } }

test('without credit everything stands on the last token', () => {
  expect(placeRewards(plan, reward([item('a', 0.25), item('b', 0.5)], { format: 0.1 }))).toEqual([0, 0, 0, 0.85])
})

test('a credited item stands on the token that writes the character before its offset', () => {
  const credited = [item('a', 1, 3), item('b', 2, 4), item('c', 4, 7), item('d', 8, 8), item('e', 16, 12)]
  expect(placeRewards(plan, reward(credited))).toEqual([1, 6, 0, 24])
})

test('an offset behind the end of the trace stands on the last token', () => {
  const short = { ...plan, tokens: { ids: [1], logProbs: [0], ends: [3] } }
  expect(placeRewards(short, reward([item('a', 1, 12)]))).toEqual([1])
})

test('the sum over tokens is the total', () => {
  const given = reward([item('a', 0.1, 3), item('b', 0.2, 7), item('c', -0.7)], { format: 0.1, style: 0.05 })
  expect(placeRewards(plan, given).reduce((a, b) => a + b, 0)).toBeCloseTo(given.total, 12)
})

test.each([
  ['total', { ...reward([item('a', 1)]), total: Number.NaN }],
  ['item a', reward([item('a', Infinity), item('b', -Infinity)])],
  ['extra format', { ...reward([], { format: Number.NaN }), total: 1 }],
  ['component visual', { ...reward([item('a', 1)]), components: { visual: Number.NaN } }],
])('a number that is none is refused by its name and the id of the sample: %s', (name, given) => {
  const refusal = expect.objectContaining({
    code: 'DDA_REWARD_NOT_FINITE',
    sampleId: 'sample-9',
    message: expect.stringContaining(`(${name})`),
  })
  expect(() => checkReward(plan, given)).toThrow(refusal)
  expect(() => placeRewards(plan, given)).toThrow(refusal)
})

test.each([
  ['a total that no share makes up', { ...reward([item('a', 0.5)]), total: 0.7 }],
  ['a total off by what the engine used to let through', { ...reward([item('a', 0.5)]), total: 0.5 + 5e-7 }],
  ['a total without shares', { ...reward([]), total: 0.7 }],
  ['a component over 1', { ...reward([item('a', 0.5)]), components: { cognitive: 1.5 } }],
  ['credit behind the text', reward([item('a', 0.5, text.length + 1)])],
  ['credit before the text', reward([item('a', 0.5, 0)])],
  ['credit within a character', reward([item('a', 0.5, 2.5)])],
])('%s is refused, and not put on the last token', (_, given) => {
  const refusal = expect.objectContaining({ code: 'DDA_REWARD_INVALID', sampleId: 'sample-9' })
  expect(() => checkReward(plan, given)).toThrow(refusal)
  expect(() => placeRewards(plan, given)).toThrow(refusal)
})

test('rounding passes, at any scale', () => {
  const tenths = reward(Array.from({ length: 10 }, (_, i) => item(`${i}`, 0.1)))
  expect(() => checkReward(plan, { ...tenths, total: 1 })).not.toThrow()
  expect(() => checkReward(plan, { ...tenths, total: 1 + REWARD_TOLERANCE / 2 })).not.toThrow()
  const large = reward([item('a', 1e8 / 3), item('b', 1e8 / 7), item('c', 0.1)])
  expect(() => checkReward(plan, { ...large, total: 0.1 + 1e8 / 7 + 1e8 / 3 })).not.toThrow()
})

test('who made the reward is on the error', () => {
  expect(() => checkReward(plan, { ...reward([]), total: 1 }, { kind: 'plugin-error', plugin: 'reward-odd' })).toThrow(
    expect.objectContaining({ kind: 'plugin-error', plugin: 'reward-odd', sampleId: 'sample-9' }),
  )
})

test('a plan without tokens has no place for a reward', () => {
  const stale = expect.objectContaining({ code: 'DDA_TRAINER_STALE', sampleId: 'sample-9' })
  expect(() => placeRewards({ sampleId: 'sample-9', text }, reward([]))).toThrow(stale)
  const empty = { ids: [], logProbs: [], ends: [] }
  expect(() => placeRewards({ ...plan, tokens: empty }, reward([]))).toThrow(stale)
})

test.each([
  ['a promise of a reward', Promise.resolve({}), /is a promise.*`async`/],
  ['a total that is a string', { ...reward([]), total: '0.5' }, /its total is "0.5" \(string\), where a number is due/],
  ['a total that is a promise', { ...reward([]), total: Promise.resolve(1) }, /its total is a promise/],
  ['a share that is a string', { ...reward([]), extras: { style: '1' } }, /style is "1" \(string\)/],
])('%s is told as what it is', (_what, given, told) => {
  expect(() => checkReward(plan, given as unknown as Reward)).toThrowError(
    expect.objectContaining({ code: 'DDA_REWARD_INVALID', message: expect.stringMatching(told) }),
  )
})
