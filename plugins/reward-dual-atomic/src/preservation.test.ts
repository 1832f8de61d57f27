import { makeItem, makePlan, makeVerdicts } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { dualAtomic } from './index.ts'

const checklist = [
  makeItem('change-1', 'visual', { weight: 3 }),
  makeItem('change-2', 'visual'),
  makeItem('kept-1', 'visual', { aspect: 'preservation' }),
  makeItem('kept-2', 'visual', { aspect: 'preservation' }),
]
const plan = makePlan('Plan: rot the banana')

function visual(failed: readonly string[], ruined: number): number | undefined {
  const reward = dualAtomic({ preservation: { counts: 'multiplier', ruined } }).decompose({
    plan,
    checklist,
    verdicts: makeVerdicts(checklist, { failed }),
  })
  const shares = reward.items.reduce((sum, { contribution }) => sum + contribution, 0)
  expect(shares + (reward.extras['format'] ?? 0)).toBeCloseTo(reward.total, 12)
  expect(reward.items.filter(({ itemId }) => itemId.startsWith('kept')).every((item) => item.contribution === 0)).toBe(
    true,
  )
  return reward.components['visual']
}

test('preservation multiplies what the changes earn', () => {
  expect(visual([], 0.6)).toBe(1)
  expect(visual(['change-2'], 0.6)).toBeCloseTo(0.75, 12)
  expect(visual(['kept-1'], 0.6)).toBeCloseTo(0.8, 12)
  expect(visual(['change-1', 'kept-1', 'kept-2'], 0.6)).toBeCloseTo(0.25 * 0.6, 12)
  expect(visual(['kept-1', 'kept-2'], 0)).toBe(0)
})

test('doing nothing earns nothing', () => {
  expect(visual(['change-1', 'change-2'], 0.6)).toBe(0)
})

test('by default a preservation item counts like any other', () => {
  const verdicts = makeVerdicts(checklist, { failed: ['change-1', 'change-2'] })
  const { components } = dualAtomic().decompose({ plan, checklist, verdicts })
  expect(components['visual']).toBeCloseTo(2 / 6, 12)
})

test('a scope of nothing but preservation items is scored by them', () => {
  const kept = checklist.slice(2)
  const verdicts = makeVerdicts(kept, { failed: ['kept-1'] })
  const reward = dualAtomic({ preservation: { counts: 'multiplier' } }).decompose({ plan, checklist: kept, verdicts })
  expect(reward.components['visual']).toBeCloseTo(0.5, 12)
})
