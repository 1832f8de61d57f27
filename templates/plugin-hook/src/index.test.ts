import type { PluginApi } from '@dda-thinker/plugin-api'
import { hookSuite, makePlan, MemoryLog, testPluginOptions } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import plugin from './index.ts'

hookSuite({ test, plugin, observes: true })

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { warnAbove: 5 } }],
  invalid: [{ options: { warnAbove: 0 }, code: 'DDA_CONFIG_INVALID', at: 'warnAbove' }],
})

test('it counts, warns of long plans, and changes nothing', () => {
  const log = new MemoryLog()
  const taps: ((plan: unknown) => unknown)[] = []
  const ends: (() => unknown)[] = []
  const api = {
    tap: (_hook: string, tap: (plan: unknown) => unknown) => taps.push(tap),
    onDispose: (end: () => unknown) => ends.push(end),
    log,
  }
  plugin.setup(api as unknown as PluginApi, { warnAbove: 2 })
  for (const executable of ['make it red', 'brighter']) {
    for (const tap of taps) expect(tap(makePlan(executable))).toBeUndefined()
  }
  for (const end of ends) end()
  expect(log.lines.join()).toContain('has 3 words')
  expect(log.lines.join()).toContain('2 plans, 2.0 words on average')
})
