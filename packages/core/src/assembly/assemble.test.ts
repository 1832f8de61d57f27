import { join } from 'node:path'
import {
  API_VERSION,
  definePlugin,
  type Editor,
  EDITOR,
  type Judge,
  JUDGES,
  type Plan,
  REWARD,
  type RewardDecomposition,
  type RoleContext,
  THINKER,
  type Trainer,
  TRAINER,
  Type,
} from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { failure, plugin, project } from '../../../../test/support/testing.ts'
import { assemble, type AssembleOptions } from './assemble.ts'
import { completeConfig, loadConfig, type ProjectConfigInput } from '@dda-thinker/config'
import { silentLogger } from './log.ts'

const build = async (input: ProjectConfigInput, options: Partial<AssembleOptions> = {}) =>
  assemble(completeConfig(input), { cwd: '/', ...options })

const context: RoleContext = {
  images: {
    get: async () => new Uint8Array(),
    put: async () => ({ hash: '', mediaType: 'image/png', width: 1, height: 1 }),
  },
  signal: new AbortController().signal,
  log: silentLogger,
  seed: 1,
}
const editor = (events: string[] = [], name = 'editor'): Editor => ({
  fingerprint: name,
  supports: { determinism: 'bitwise', concurrency: 1, maxImages: 1 },
  open: async () => void events.push(`open ${name}`),
  close: async () => void events.push(`close ${name}`),
  edit: async () => ({ bytes: new Uint8Array() }),
})
const judge = (fingerprint: string): Judge => ({
  fingerprint,
  scopes: ['visual'],
  concurrency: 1,
  judge: async () => [],
})
const plan: Plan = {
  id: 'p',
  sampleId: 's',
  text: 'text',
  reasoning: '',
  executable: 'text',
  format: { ok: true },
  thinker: '',
  policyVersion: 0,
  seed: 0,
}
const stage = { step: 0, rolloutId: 'r', sample: { id: 's' } as never }

test('a loaded config is assembled from the plugins that loading has found and checked, none of them twice', async () => {
  const counts: Record<string, number> = {}
  const atHand = { counted: plugin('counted', (api) => api.provide(EDITOR, () => editor())) }
  const plugins = new Proxy(atHand, {
    get(target, name, receiver) {
      counts[String(name)] = (counts[String(name)] ?? 0) + 1
      return Reflect.get(target, name, receiver) as unknown
    },
  })
  const root = project({ 'dda.config.yaml': 'editor: { use: counted }\n' })
  const loaded = await loadConfig({ cwd: root, env: {}, plugins })
  const run = await assemble(loaded)
  expect(run.providerOf(run.resolve(EDITOR))).toBe('counted')
  expect(counts).toEqual({ counted: 1 })
  await run.dispose()
})

test('an assembly with another role in a slot leaves the first as it was', async () => {
  const plugins = { working: plugin('working', (api) => api.provide(EDITOR, () => editor())) }
  const run = await build({ editor: { use: 'working' } }, { plugins })
  const other = editor()
  const changed = run.with(EDITOR, other, 'nobody')
  expect(changed.resolve(EDITOR)).toBe(other)
  expect(changed.providerOf(other)).toBe('nobody')
  expect(run.resolve(EDITOR)).not.toBe(other)
  expect(run.providerOf(run.resolve(EDITOR))).toBe('working')
})

test('plugins written in folders outside the packages fill slots and tap hooks, by name and by path', async () => {
  const root = project({
    'dda.config.yaml': `
reward: { use: brevity, target: 2 }
plugins: [{ use: ./shout }]
`,
    'node_modules/dda-reward-brevity/package.json':
      '{"name":"dda-reward-brevity","version":"2.0.0","type":"module","exports":"./index.js"}',
    'node_modules/dda-reward-brevity/index.js': `
import { API_VERSION, definePlugin, REWARD, Type } from '@dda-thinker/plugin-api'
export default definePlugin({
  name: 'reward-brevity',
  apiVersion: API_VERSION,
  options: Type.Object({ target: Type.Integer({ minimum: 1, default: 40 }) }, { additionalProperties: false }),
  setup(api, { target }) {
    api.provide(REWARD, () => ({
      fingerprint: 'brevity-' + target,
      decompose({ plan }) {
        const brevity = Math.min(1, target / plan.executable.split(' ').length)
        return { total: brevity, components: { brevity }, items: [], extras: { brevity } }
      },
    }))
  },
})`,
    'shout/index.ts': `
import { API_VERSION, definePlugin, Type } from '@dda-thinker/plugin-api'
export default definePlugin({
  name: 'shout',
  apiVersion: API_VERSION,
  options: Type.Object({ mark: Type.String({ default: '!' }) }, { additionalProperties: false }),
  setup(api, { mark }: { mark: string }) {
    api.tap('plan', (plan) => ({ ...plan, text: plan.text.toUpperCase() + mark }), { order: 'post' })
  },
})`,
  })
  const { config, origins, dir } = await loadConfig({ cwd: root, env: {} })
  const run = await assemble(config, { cwd: dir, origins })
  expect(run.plugins).toEqual([
    {
      name: 'reward-brevity',
      kind: 'reward',
      path: join(root, 'node_modules/dda-reward-brevity/index.js'),
      version: '2.0.0',
      options: { target: 2 },
    },
    { name: 'shout', kind: 'plugin', path: join(root, 'shout/index.ts'), version: undefined, options: { mark: '!' } },
  ])
  const reward = run
    .resolve(REWARD)
    .decompose({ plan: { ...plan, executable: 'a b c d' }, checklist: [], verdicts: [] })
  expect(reward.components).toEqual({ brevity: 0.5 })
  expect((await run.call('plan', plan, stage)).text).toBe('TEXT!')
  expect(run.hookOrder('plan')).toEqual(['shout'])
  expect(run.providerOf(run.resolve(REWARD))).toBe('reward-brevity')
  await run.dispose()
})

test('lists keep config order; the same plugin twice needs an id', async () => {
  const strict = definePlugin({
    name: 'judge-strict',
    apiVersion: API_VERSION,
    options: Type.Object({ mood: Type.String({ default: 'stern' }) }, { additionalProperties: false }),
    setup: (api, { mood }) => api.contribute(JUDGES, () => judge(mood)),
  })
  const plugins = { strict }
  const run = await build({ judge: [{ use: 'strict', id: 'a', mood: 'mild' }, { use: 'strict' }] }, { plugins })
  expect(run.all(JUDGES).map(({ fingerprint }) => fingerprint)).toEqual(['mild', 'stern'])
  expect(run.all(JUDGES).map((each) => run.providerOf(each))).toEqual(['a', 'judge-strict'])
  const error = await failure(async () => build({ judge: [{ use: 'strict' }, { use: 'strict' }] }, { plugins }))
  expect(error.code).toBe('DDA_PLUGIN_DUPLICATE')
  expect(error.message).toContain('judge[0] (')
  expect(error.next).toContain('`id`')
})

test('roles open once and close last in first out, with the endings of plugins', async () => {
  const events: string[] = []
  const plugins = {
    e: plugin('e', (api) => {
      api.provide(EDITOR, () => editor(events, 'editor'))
      api.onDispose(() => void events.push('end e'))
    }),
    j: plugin('j', (api) => {
      api.contribute(JUDGES, () => ({
        ...judge('j'),
        open: async () => void events.push('open j'),
        close: async () => void events.push('close j'),
      }))
      api.onDispose(() => void events.push('end j'))
    }),
  }
  const run = await build({ editor: { use: 'e' }, judge: [{ use: 'j' }] }, { plugins })
  await run.open([EDITOR, JUDGES, THINKER], context)
  await run.open([EDITOR], context)
  await run.dispose()
  await run.dispose()
  expect(events).toEqual(['open editor', 'open j', 'close j', 'close editor', 'end j', 'end e'])
})

test('a failed open is attributed, and what was begun is still closed', async () => {
  const events: string[] = []
  const bad: Editor = { ...editor(events), open: async () => Promise.reject(new Error('no GPU')) }
  const run = await build(
    { editor: { use: 'e' } },
    { plugins: { e: plugin('e', (api) => api.provide(EDITOR, () => bad)) } },
  )
  const error = await failure(async () => run.open([EDITOR], context))
  expect(error).toMatchObject({ code: 'DDA_PLUGIN_FAILED', plugin: 'e' })
  expect(error.message).toBe('Plugin e failed in editor.open(): no GPU')
  await run.dispose()
  expect(events).toEqual(['close editor'])
})

test('only the kinds asked for are loaded, and hook plugins with them', async () => {
  const loaded: string[] = []
  const plugins = {
    e: plugin('e', (api) => {
      loaded.push('e')
      api.provide(EDITOR, () => editor())
    }),
    t: plugin('t', () => void loaded.push('t')),
    h: plugin('h', (api) => {
      loaded.push('h')
      api.tap('plan', () => {}, { after: ['t'] })
    }),
  }
  const run = await build(
    { trainer: { use: 't' }, editor: { use: 'e' }, plugins: [{ use: 'h' }] },
    { plugins, only: ['editor'] },
  )
  expect(loaded).toEqual(['e', 'h'])
  expect(run.has(EDITOR)).toBe(true)
  expect(run.has(TRAINER)).toBe(false)
})

test('a policy inside a trainer is guarded and known as its trainer', async () => {
  const trainer = { fingerprint: 't', thinker: { fingerprint: 'policy', async *plan() {} } } as unknown as Trainer
  const run = await build(
    { trainer: { use: 't' } },
    { plugins: { t: plugin('t', (api) => api.provide(TRAINER, () => trainer)) } },
  )
  expect(run.providerOf(run.resolve(TRAINER).thinker)).toBe('t')
  await failure(() => run.providerOf({})).then((error) => expect(error.code).toBe('DDA_ROLE_UNKNOWN'))
})

test('paths in options start from the file that says them', async () => {
  const seen: string[] = []
  const root = project({
    'dda.config.yaml': 'extends: ./shared/base.yaml\neditor: { weights: ./mine.bin }\n',
    'shared/base.yaml': 'editor: { use: e, prompts: ./prompts.txt }\n',
  })
  const e = definePlugin({
    name: 'e',
    apiVersion: API_VERSION,
    options: Type.Object({ weights: Type.String(), prompts: Type.String() }, { additionalProperties: false }),
    setup(api, { weights, prompts }) {
      seen.push(api.resolvePath(weights), api.resolvePath(prompts), api.resolvePath('own.txt'))
      api.provide(EDITOR, () => editor())
    },
  })
  const { config, origins, dir } = await loadConfig({ cwd: root, env: {}, plugins: { e } })
  await assemble(config, { cwd: dir, origins, plugins: { e } })
  expect(seen).toEqual([join(root, 'mine.bin'), join(root, 'shared/prompts.txt'), join(root, 'shared/own.txt')])
})

test('stored options hold no secret', async () => {
  const root = project({ 'dda.config.yaml': 'editor: { use: e, key: "${env:SECRET}" }\n' })
  let got = ''
  const e = definePlugin({
    name: 'e',
    apiVersion: API_VERSION,
    options: Type.Object({ key: Type.String() }, { additionalProperties: false }),
    setup(api, { key }) {
      got = key
      api.provide(EDITOR, () => editor())
    },
  })
  const loaded = await loadConfig({ cwd: root, env: { SECRET: 's3' }, plugins: { e } })
  const run = await assemble(loaded.config, { cwd: root, origins: loaded.origins, plugins: { e } })
  expect(got).toBe('s3')
  expect(run.plugins[0]?.options).toEqual({ key: '${env:SECRET}' })
})

const nothing = plugin('nothing', () => {})
const judging = plugin('judging', (api) => api.contribute(JUDGES, () => judge('x')))
const working = plugin('working', (api) => api.provide(EDITOR, () => editor()))

test.each<[string, ProjectConfigInput, string, string]>([
  ['an empty slot', {}, 'DDA_SLOT_EMPTY', '`editor: { use: ... }`'],
  ['a judge as editor', { editor: { use: 'judging' } }, 'DDA_PLUGIN_KIND', 'that is a judge, not an editor'],
  ['a plugin that provides nothing', { editor: { use: 'nothing' } }, 'DDA_PLUGIN_KIND', 'not an editor'],
  [
    'two providers',
    { editor: { use: 'working' }, reward: { use: 'second' } },
    'DDA_SLOT_TAKEN',
    'Both working and second',
  ],
  ['wrong options', { editor: { use: 'working', speed: 1 } }, 'DDA_CONFIG_INVALID', 'editor.speed: unknown key'],
  ['a setup that throws', { editor: { use: 'throws' } }, 'DDA_PLUGIN_FAILED', 'Plugin throws failed in setup(): boom'],
  ['a setup that works', { editor: { use: 'slow' } }, 'DDA_PLUGIN_SETUP', 'returned a promise'],
  ['a name for a slot', { editor: { use: 'named' } }, 'DDA_PLUGIN_SETUP', 'named calls api.provide wrongly'],
  ['a list for a slot', { editor: { use: 'listed' } }, 'DDA_PLUGIN_SETUP', 'must be a slot'],
  ['a slot for a list', { editor: { use: 'slotted' } }, 'DDA_PLUGIN_SETUP', 'must be a list'],
  ['a role for its function', { editor: { use: 'made' } }, 'DDA_PLUGIN_SETUP', 'a function must be given'],
  ['a tap that is none', { editor: { use: 'untapped' } }, 'DDA_PLUGIN_SETUP', 'a function must be given'],
  ['an order that is none', { editor: { use: 'disordered' } }, 'DDA_PLUGIN_SETUP', '`pre`, `normal` or `post`'],
  ['an ending that is none', { editor: { use: 'endless' } }, 'DDA_PLUGIN_SETUP', 'api.onDispose wrongly'],
  ['a role that is none', { editor: { use: 'empty' } }, 'DDA_PLUGIN_ROLE', 'made undefined where an editor was due'],
])('%s is an error', async (_what, input, code, text) => {
  const plugins = {
    nothing,
    judging,
    working,
    second: plugin('second', (api) => {
      api.provide(REWARD, () => ({}) as RewardDecomposition)
      api.provide(EDITOR, () => editor())
    }),
    throws: plugin('throws', () => {
      throw new Error('boom')
    }),
    slow: plugin('slow', (async () => {}) as () => void),
    named: plugin('named', (api) => api.provide('editor' as never, () => editor())),
    listed: plugin('listed', (api) => api.provide(JUDGES as never, () => judge('x'))),
    slotted: plugin('slotted', (api) => api.contribute(EDITOR as never, () => editor())),
    made: plugin('made', (api) => api.provide(EDITOR, editor() as never)),
    untapped: plugin('untapped', (api) => api.tap('plan', 7 as never)),
    disordered: plugin('disordered', (api) => api.tap('plan', () => {}, { order: 'middle' as never })),
    endless: plugin('endless', (api) => api.onDispose(7 as never)),
    empty: plugin('empty', (api) => api.provide(EDITOR, () => undefined as unknown as Editor)),
  }
  const error = await failure(async () => (await build(input, { plugins })).resolve(EDITOR))
  expect(error.code).toBe(code)
  expect(`${error.message} ${error.next}`).toContain(text)
})

test('what a plugin keeps of its API is of no use after setup', async () => {
  let late: Parameters<Parameters<typeof plugin>[1]>[0] | undefined
  await build({ plugins: [{ use: 'keeper' }] }, { plugins: { keeper: plugin('keeper', (api) => void (late = api)) } })
  expect((await failure(() => late?.tap('plan', () => {}))).code).toBe('DDA_HOOK_FROZEN')
  expect((await failure(() => late?.provide(EDITOR, () => editor()))).code).toBe('DDA_PLUGIN_SETUP')
  expect((await failure(() => late?.onDispose(() => {}))).code).toBe('DDA_PLUGIN_SETUP')
})
