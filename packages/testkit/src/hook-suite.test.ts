import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { API_VERSION, definePlugin, Type, type Plugin, type PluginApi } from '@dda-thinker/plugin-api'
import { describe, expect, test } from 'vitest'
import { hookSuite } from './hook-suite.ts'
import { failures } from './meta.fixture.ts'

const made = (setup: (api: PluginApi) => unknown): Plugin =>
  definePlugin({
    name: 'x',
    apiVersion: API_VERSION,
    options: Type.Object({}),
    setup: setup as (api: PluginApi) => void,
  })

const suite = (plugin: Plugin, observes = false) =>
  failures((collect) => hookSuite({ test: collect, plugin, options: {}, observes }))

test('passes a tap that changes, one that looks on, and one that asks the judges', async () => {
  const changes = made((api) => api.tap('plan', (plan) => ({ ...plan, executable: '' })))
  const looks = made((api) => {
    let count = 0
    api.tap('judge', () => void count++)
    api.onDispose(() => {
      if (api.runDir !== undefined) writeFileSync(join(api.runDir, 'count.json'), String(count))
    })
  })
  const asks = made((api) =>
    api.tap('judge', async (rollout, { ask, sample }) => {
      if (rollout.plan === undefined) return
      await ask({ scope: 'cognitive', instruction: sample.instruction, plan: '', items: sample.checklist })
    }),
  )
  expect(await suite(changes)).toEqual([])
  expect(await suite(looks, true)).toEqual([])
  expect(await suite(asks, true)).toEqual([])
})

describe('catches', () => {
  test.each<[RegExp, (api: PluginApi) => unknown, boolean?]>([
    [/declares its taps/, () => {}],
    [/declares its taps/, async (api) => api.tap('plan', () => {})],
    [/leaves it alone/, (api) => api.tap('plan', (plan) => void ((plan as { text: string }).text = 'x'))],
    [/whose it is/, (api) => api.tap('plan', (plan) => ({ ...plan, id: 'another' }))],
    [/whose it is/, (api) => api.tap('plan', () => 'a plan' as never)],
    [/whose it is/, (api) => api.tap('plan', (plan) => ({ ...plan, at: new Date(0) }))],
    [
      /whose it is/,
      (api) => api.tap('judge', (rollout) => ({ ...rollout, reward: { ...rollout.reward, total: 2 } as never })),
    ],
    [/whose it is/, (api) => api.tap('plan', (plan) => ({ ...plan })), true],
    [
      /whose it is/,
      (api) =>
        api.tap('judge', (rollout) => void rollout.reward?.items.length, {}) ??
        api.tap('judge', (rollout) => void (rollout.plan as { readonly text: string }).text),
    ],
    [
      /no run folder/,
      (api) => api.tap('update', ({ step }) => writeFileSync(join(api.runDir as string, 'step'), String(step))),
    ],
    [
      /saw nothing/,
      (api) => {
        let seen: readonly number[] | undefined
        api.tap('update', ({ step }) => void (seen = [...(seen ?? []), step]))
        api.onDispose(() => void (seen as readonly number[]).length)
      },
    ],
    [
      /folder of the run alone/,
      (api) =>
        api.tap('update', () => {
          if (api.runDir !== undefined) writeFileSync(join(api.runDir, '../elsewhere'), '')
        }),
    ],
    [
      /is continued/,
      (api) =>
        api.onDispose(() => {
          if (api.runDir !== undefined) writeFileSync(join(api.runDir, 'once'), '', { flag: 'wx' })
        }) ?? api.tap('plan', () => {}),
    ],
    [
      /question to the judges/,
      (api) =>
        api.tap('judge', async (_rollout, { ask, sample }) => {
          await ask({ scope: 'cognitive', instruction: '', plan: '', items: sample.checklist }).catch(() => [])
        }),
    ],
  ])('%s', async (name, setup, observes) => {
    expect((await suite(made(setup), observes)).join('\n')).toMatch(name)
  })
})
