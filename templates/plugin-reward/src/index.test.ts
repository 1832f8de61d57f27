import { makePlan, rewardSuite, testPluginOptions } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import plugin, { createReward } from './index.ts'

rewardSuite({ test, factory: () => createReward(40), needsVerdicts: false })

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { target: 5 } }],
  invalid: [{ options: { target: 0 }, code: 'DDA_CONFIG_INVALID', at: 'target' }],
})

test('a plan of twice the words earns half', () => {
  const plan = makePlan('make it red now')
  expect(createReward(2).decompose({ plan, checklist: [], verdicts: [] }).total).toBe(0.5)
})
