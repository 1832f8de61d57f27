import type { HookName, PluginApi } from '@dda-thinker/plugin-api'
import { hookSuite, makeContext, testPluginOptions } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import plugin, { KINDS } from './index.ts'

hookSuite({ test, plugin, options: { rate: 1 } })

testPluginOptions(test, plugin, {
  valid: [
    { options: {} },
    { options: { rate: 0, kinds: ['trap'], minimum: 1, maxPassRate: 1, onAlarm: 'stop' } },
    { options: { thresholds: { 'unchanged-source': 0.4 }, traps: [{ scope: 'visual', question: 'Is it a map?' }] } },
    { options: { calibration: { file: 'calibration.jsonl' } } },
  ],
  invalid: [
    { options: { rate: 1.5 }, code: 'DDA_CONFIG_INVALID', at: 'rate' },
    { options: { kinds: [] }, code: 'DDA_CONFIG_INVALID', at: 'kinds' },
    { options: { kinds: ['walrus'] }, code: 'DDA_CONFIG_INVALID', at: 'kinds.0' },
    { options: { thresholds: { walrus: 0.1 } }, code: 'DDA_CONFIG_INVALID', at: 'thresholds.walrus' },
    { options: { onAlarm: 'fail' }, code: 'DDA_CONFIG_INVALID', at: 'onAlarm' },
    { options: { traps: [{ scope: 'visual' }] }, code: 'DDA_CONFIG_INVALID', at: 'traps.0' },
    { options: { calibration: 'calibration.jsonl' }, code: 'DDA_CONFIG_INVALID', at: 'calibration' },
    { options: { calibration: { file: 'a', questions: 0 } }, code: 'DDA_CONFIG_INVALID', at: 'calibration.questions' },
    { options: { every: 50 }, code: 'DDA_CONFIG_INVALID', at: 'every' },
  ],
})

test('the file of a calibration set is found from the configuration', async () => {
  const taps: Parameters<PluginApi['tap']>[] = []
  const api = {
    tap: (...tap: Parameters<PluginApi['tap']>) => void taps.push(tap),
    onDispose: () => undefined,
    resolvePath: (path: string) => `/project/${path}`,
    log: makeContext().log,
  }
  const options = { rate: 0, kinds: [...KINDS], minimum: 1, maxPassRate: 0, thresholds: {}, traps: [] }
  const calibration = { file: 'set.jsonl', every: 1, questions: 1 }
  plugin.setup(api as unknown as PluginApi, { ...options, onAlarm: 'warn', calibration })
  const see = taps.find(([hook]) => hook === 'judge')?.[1] as (rollout: object, info: object) => Promise<unknown>
  await expect(see({}, { step: 1 })).rejects.toMatchObject({ location: '/project/set.jsonl' })
})

test('it taps judge and update, after the others, and nothing else', async () => {
  const taps: (readonly [HookName, unknown])[] = []
  const ends: (() => unknown)[] = []
  const lines: string[] = []
  const { log } = makeContext({
    log: { debug: () => undefined, warn: () => undefined, info: (line) => void lines.push(line) },
  })
  const api: PluginApi = {
    provide: () => expect.unreachable('it fills no slot'),
    contribute: () => expect.unreachable('it is in no list'),
    tap: (hook, _, options) => void taps.push([hook, options?.order]),
    onDispose: (fn) => void ends.push(fn),
    resolvePath: (path) => path,
    runDir: undefined,
    log,
  }
  const options = { rate: 1, kinds: [...KINDS], minimum: 1, maxPassRate: 0, thresholds: {}, traps: [] }
  plugin.setup(api, { ...options, onAlarm: 'warn' })
  expect(taps).toEqual([
    ['judge', 'post'],
    ['update', 'post'],
  ])
  for (const end of ends) await end()
  expect(lines).toEqual([])
})
