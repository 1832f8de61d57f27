import type { ChecklistItem, DecompositionInput, Reward, Verdict } from '@dda-thinker/plugin-api'
import { makeItem, makePlan, makeVerdicts, pick, randomInteger, seededRandom } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { dualAtomic, type Combine, type DualAtomicInput } from './index.ts'

const COMBINES: readonly Combine[] = ['sum', 'product', 'min', 'gated', 'all-or-nothing']

/** Two of four cognitive points and three of four visual ones. */
const checklist: readonly ChecklistItem[] = [
  makeItem('c1', 'cognitive', { weight: 1 }),
  makeItem('c2', 'cognitive', { weight: 2, expected: 'no' }),
  makeItem('c3', 'cognitive'),
  makeItem('v1', 'visual', { weight: 3 }),
  makeItem('v2', 'visual'),
]
const failed = ['c1', 'c3', 'v2']
const plan = makePlan('Time passes. Plan: rot the banana')

function score(options: DualAtomicInput, changes: Partial<DecompositionInput> = {}): Reward {
  const verdicts = makeVerdicts(changes.checklist ?? checklist, { failed })
  return dualAtomic(options).decompose({ plan, checklist, verdicts, ...changes })
}

test.each([
  ['sum', 0.45 * 0.5 + 0.45 * 0.75 + 0.1],
  ['product', 0.9 * 0.5 * 0.75 + 0.1],
  ['min', 0.9 * 0.5 + 0.1],
  ['gated', 0.45 * 0.5 + 0.45 * 0.75 + 0.1],
  ['all-or-nothing', 0.1],
] as const)('%s', (combine, total) => {
  const reward = score({ combine })
  expect(reward.total).toBeCloseTo(total, 12)
  expect(reward.components).toEqual({ cognitive: 0.5, visual: 0.75, format: 1 })
  expect(reward.extras).toEqual({ format: 0.1 })
})

test.each(COMBINES)('%s gives the sum of the weights where everything passed', (combine) => {
  expect(score({ combine }, { verdicts: makeVerdicts(checklist) }).total).toBeCloseTo(1, 12)
})

test('below the threshold the gate keeps the visual score out', () => {
  const reward = score({ combine: 'gated', threshold: 0.51 })
  expect(reward.total).toBeCloseTo(0.45 * 0.5 + 0.1, 12)
  expect(reward.items.filter(({ scope }) => scope === 'visual').map(({ contribution }) => contribution)).toEqual([0, 0])
  expect(reward.components['visual']).toBe(0.75)
})

test('the gate works on a cognitive score that itself has no weight', () => {
  const weights = { cognitive: 0, visual: 1, format: 0 }
  expect(score({ combine: 'gated', threshold: 0.5, weights }).total).toBeCloseTo(0.75, 12)
  expect(score({ combine: 'gated', threshold: 0.6, weights }).total).toBe(0)
})

test('contributions follow the weights of the items', () => {
  const reward = score({ combine: 'product' })
  const of = (id: string): number => reward.items.find(({ itemId }) => itemId === id)?.contribution ?? Number.NaN
  expect([of('c1'), of('c3'), of('v2')]).toEqual([0, 0, 0])
  // In `sum` the passed items would bring 0.225 and 0.3375.
  expect(of('c2') / of('v1')).toBeCloseTo(0.225 / 0.3375, 12)
  expect(of('c2') + of('v1')).toBeCloseTo(0.9 * 0.375, 12)
})

test('a failed critical item sets its scope to 0, and only its scope', () => {
  const critical = checklist.map((item) => (item.id === 'c1' ? { ...item, critical: true } : item))
  const reward = score({}, { checklist: critical })
  expect(reward.components).toEqual({ cognitive: 0, visual: 0.75, format: 1 })
  expect(reward.total).toBeCloseTo(0.45 * 0.75 + 0.1, 12)
  expect(reward.items.find(({ itemId }) => itemId === 'c2')).toMatchObject({ passed: true, contribution: 0 })
})

test('the visual scope alone: cognitive verdicts are reported and count nothing', () => {
  const reward = score({ weights: { cognitive: 0, visual: 0.9 } })
  expect(reward.total).toBeCloseTo(0.9 * 0.75 + 0.1, 12)
  expect(reward.components['cognitive']).toBe(0.5)
  for (const combine of ['product', 'min'] as const) {
    expect(score({ combine, weights: { cognitive: 0, visual: 0.9 } }).total).toBeCloseTo(0.9 * 0.75 + 0.1, 12)
  }
})

test('holistic: one failed item of a scope that does not count takes nothing', () => {
  const verdicts = makeVerdicts(checklist, { failed: ['c1'] })
  expect(score({ combine: 'all-or-nothing' }, { verdicts }).total).toBe(0.1)
  const visual = { cognitive: 0, visual: 0.9 }
  expect(score({ combine: 'all-or-nothing', weights: visual }, { verdicts }).total).toBeCloseTo(1, 12)
})

test('a plan out of format loses the format share', () => {
  const broken = { ...plan, format: { ok: false, problem: 'no plan block' } as const }
  const reward = score({}, { plan: broken })
  expect(reward.components['format']).toBe(0)
  expect(reward.total).toBeCloseTo(0.45 * 0.5 + 0.45 * 0.75, 12)
})

test('a gated rollout has the cognitive and the format share, and no visual component', () => {
  const verdicts = makeVerdicts(checklist, { failed, scopes: ['cognitive'] })
  const reward = score({}, { verdicts })
  expect(reward.total).toBeCloseTo(0.45 * 0.5 + 0.1, 12)
  expect(reward.components).toEqual({ cognitive: 0.5, format: 1 })
  expect(reward.items).toHaveLength(checklist.length)
  for (const combine of ['product', 'min', 'all-or-nothing'] as const) {
    expect(score({ combine }, { verdicts }).total).toBe(0.1)
  }
})

test('the weight of a scope without items goes to the other one', () => {
  const cognitive = checklist.filter(({ scope }) => scope === 'cognitive')
  expect(score({}, { checklist: cognitive, verdicts: makeVerdicts(cognitive) }).total).toBeCloseTo(1, 12)
})

const verdicts = makeVerdicts(checklist)
test.each<readonly [what: string, code: string, changes: Partial<DecompositionInput>, options: DualAtomicInput]>([
  ['a missing verdict', 'DDA_VERDICT_MISSING', { verdicts: verdicts.slice(1) }, {}],
  ['a missing visual verdict', 'DDA_VERDICT_MISSING', { verdicts: verdicts.slice(0, -1) }, {}],
  ['no verdicts at all', 'DDA_VERDICT_MISSING', { verdicts: [] }, {}],
  ['two verdicts on an item', 'DDA_VERDICT_DUPLICATE', { verdicts: [...verdicts, verdicts[0] as Verdict] }, {}],
  ['a verdict on no item', 'DDA_VERDICT_UNKNOWN', { checklist: checklist.slice(1), verdicts }, {}],
  ['an empty checklist', 'DDA_CHECKLIST_EMPTY', { checklist: [], verdicts: [] }, { weights: { cognitive: 0 } }],
  [
    'no item in the one scope that counts',
    'DDA_CHECKLIST_EMPTY',
    { checklist: checklist.slice(0, 3), verdicts: verdicts.slice(0, 3) },
    { weights: { cognitive: 0 } },
  ],
])('%s is an error that masks the rollout', (_, code, changes, options) => {
  expect(() => score(options, changes)).toThrow(expect.objectContaining({ code, kind: expect.any(String) }))
})

test('weights under which nothing counts are refused when the reward is made', () => {
  expect(() => dualAtomic({ weights: { cognitive: 0, visual: 0 } })).toThrow(
    expect.objectContaining({ code: 'DDA_REWARD_WEIGHTS' }),
  )
})

test('the fingerprint changes with every setting that changes rewards', () => {
  const settings: readonly DualAtomicInput[] = [
    {},
    { combine: 'min' },
    { combine: 'gated' },
    { combine: 'gated', threshold: 0.9 },
    { credit: 'clause' },
    { weights: { format: 0 } },
  ]
  expect(new Set(settings.map((options) => dualAtomic(options).fingerprint)).size).toBe(settings.length)
  expect(dualAtomic({ threshold: 0.9 }).fingerprint).toBe(dualAtomic().fingerprint)
})

test('bounds that hold for every checklist', () => {
  const random = seededRandom(11)
  for (let round = 0; round < 300; round++) {
    const items = (['cognitive', 'visual'] as const).flatMap((scope) =>
      Array.from({ length: randomInteger(random, 1, 5) }, (_, i) =>
        makeItem(`${scope}${i}`, scope, {
          expected: pick(random, ['yes', 'no'] as const),
          weight: 0.1 + random() * 5,
          critical: random() < 0.2,
        }),
      ),
    )
    const wrong = items.filter(() => random() < 0.4).map(({ id }) => id)
    const given = { checklist: items, verdicts: makeVerdicts(items, { failed: wrong }) }
    const total = (combine: Combine): number => score({ combine }, given).total
    // min ≥ product since scores are at most 1; sum with equal weights is their mean, so at least min.
    expect(total('min')).toBeGreaterThanOrEqual(total('product') - 1e-12)
    expect(total('sum')).toBeGreaterThanOrEqual(total('min') - 1e-12)
    expect(total('sum')).toBeGreaterThanOrEqual(total('gated') - 1e-12)
    expect(total('product')).toBeGreaterThanOrEqual(total('all-or-nothing') - 1e-12)
    expect(total('all-or-nothing')).toBeCloseTo(wrong.length === 0 ? 1 : 0.1, 12)
  }
})
