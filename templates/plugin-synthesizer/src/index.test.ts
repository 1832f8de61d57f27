import { synthesizerSuite, testPluginOptions } from '@dda-thinker/testkit'
import { test } from 'vitest'
import plugin, { squares } from './index.ts'

synthesizerSuite({ test, factory: () => squares(128) })

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { size: 64 } }],
  invalid: [{ options: { size: 8 }, code: 'DDA_CONFIG_INVALID', at: 'size' }],
})
