import { synthesizerSuite, testPluginOptions } from '@dda-thinker/testkit'
import { test } from 'vitest'
import plugin, { createSynthesizer } from './index.ts'

synthesizerSuite({ test, factory: () => createSynthesizer(128) })

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { size: 64 } }],
  invalid: [{ options: { size: 8 }, code: 'DDA_CONFIG_INVALID', at: 'size' }],
})
