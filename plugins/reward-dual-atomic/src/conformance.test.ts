import { rewardSuite, testPluginOptions } from '@dda-thinker/testkit'
import { describe, expect, test } from 'vitest'
import plugin, { dualAtomic, type Combine } from './index.ts'

const COMBINES: readonly Combine[] = ['sum', 'product', 'min', 'gated', 'all-or-nothing']

describe.each(COMBINES)('combine %s', (combine) => {
  rewardSuite({ test, factory: () => dualAtomic({ combine }) })
})

describe('credited at clauses', () => {
  rewardSuite({ test, factory: () => dualAtomic({ credit: 'clause' }) })
})

describe('heavy weights', () => {
  rewardSuite({
    test,
    factory: () => dualAtomic({ combine: 'product', weights: { cognitive: 3, visual: 0.2, format: 0 } }),
  })
})

describe.each(COMBINES)('the plan alone, combine %s', (combine) => {
  rewardSuite({ test, factory: () => dualAtomic({ combine, weights: { visual: 0 } }) })
})

test('no edit is needed exactly where the visual score has no weight', () => {
  expect(dualAtomic({ weights: { visual: 0 } }).needsEdit).toBe(false)
  expect(dualAtomic({ weights: { visual: 1e-6 } }).needsEdit).toBeUndefined()
})

testPluginOptions(test, plugin, {
  valid: [
    { name: 'no options at all', options: {} },
    { name: 'the visual scope alone', options: { weights: { cognitive: 0 } } },
    { options: { combine: 'gated', threshold: 1, credit: 'clause' } },
  ],
  invalid: [
    { options: { combine: 'mean' }, code: 'DDA_CONFIG_INVALID', at: 'combine' },
    { options: { weights: { cognitive: -1 } }, code: 'DDA_CONFIG_INVALID', at: 'weights.cognitive' },
    { options: { weights: { visuel: 1 } }, code: 'DDA_CONFIG_INVALID', at: 'weights.visuel' },
    { options: { threshold: 1.5 }, code: 'DDA_CONFIG_INVALID', at: 'threshold' },
    {
      name: 'weights under which no item counts',
      options: { weights: { cognitive: 0, visual: 0 } },
      code: 'DDA_REWARD_WEIGHTS',
    },
  ],
})
