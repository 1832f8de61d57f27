import { rewardSuite, testPluginOptions } from '@dda-thinker/testkit'
import { describe, test } from 'vitest'
import plugin, { literatureReward, RULE_NAMES } from './index.ts'

describe.each(RULE_NAMES)('rule %s', (rule) => {
  rewardSuite({ test, factory: () => literatureReward(rule) })
})

testPluginOptions(test, plugin, {
  valid: RULE_NAMES.map((rule) => ({ options: { rule } })),
  invalid: [
    { options: {}, code: 'DDA_CONFIG_INVALID' },
    { options: { rule: 'dare' }, code: 'DDA_CONFIG_INVALID', at: 'rule' },
    { options: { rule: 'dars', gate: 0.5 }, code: 'DDA_CONFIG_INVALID', at: 'gate' },
  ],
})
