import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ddaJson, ensureBuilt, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'

// Promises that keep nothing alive end a process, so each of these has one.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const HOOKS = ['plan', 'edit', 'judge', 'update'] as const
const STUCK = `import { API_VERSION, definePlugin, Type } from '@dda-thinker/plugin-api'

const never = () => new Promise(() => {})
export default definePlugin({
  name: 'stuck',
  apiVersion: API_VERSION,
  options: Type.Object({ at: Type.String() }),
  setup(api, { at }) {
    if (at === 'the end') api.onDispose(never)
    else api.tap(at, never)
  },
  install: never,
  fake: never,
})
`

let project: ReturnType<typeof tinyProject>
beforeAll(() => ensureBuilt())
beforeEach(() => {
  project = tinyProject()
  writeFileSync(join(project.dir, 'stuck.mjs'), STUCK)
})
afterEach(() => project.remove())

const stuckAt = (at: string): readonly string[] => ['--set', `plugins=[{use: ./stuck.mjs, at: ${at}}]`]
const status = (run: string) => JSON.parse(readFileSync(join(project.dir, 'runs', run, 'status.json'), 'utf8'))

test.each(HOOKS)('a tap on %s that never settles is named, and the run has failed', async (hook) => {
  await ddaHere(project.dir, 'synthesize')
  const ran = await ddaJson(project.dir, 'train', '--name', 'run', ...stuckAt(hook))
  expect(ran).toMatchObject({
    ok: false,
    exitCode: 3,
    error: { code: 'DDA_PLUGIN_STUCK', plugin: 'stuck', message: expect.stringContaining(`tap ${hook}`) },
  })
  expect(status('run')).toMatchObject({ state: 'failed', error: { code: 'DDA_PLUGIN_STUCK' } })
  // Nobody holds the run, and without the defect it goes on.
  expect(existsSync(join(project.dir, 'runs/run/lock'))).toBe(false)
  const again = await ddaHere(project.dir, 'train', '--name', 'run', '--allow-config-change')
  expect(again).toMatchObject({ ok: true, data: { state: 'finished' } })
})

test('a tap that never settles while something else keeps the process ends by its deadline, as a failed run', async () => {
  await ddaHere(project.dir, 'synthesize')
  const deadline = ['--set', 'engine.deadline.tap=1']
  // In this process, which has the test runner to keep it.
  const ran = await ddaHere(project.dir, 'train', '--name', 'run', ...stuckAt('edit'), ...deadline)
  expect(ran).toMatchObject({
    ok: false,
    exitCode: 3,
    error: { code: 'DDA_PLUGIN_STUCK', plugin: 'stuck', message: expect.stringContaining('longer than 1 s') },
  })
  expect(status('run')).toMatchObject({ state: 'failed', error: { code: 'DDA_PLUGIN_STUCK' } })
})

test('so it is in a command without a run', async () => {
  const ran = await ddaJson(project.dir, 'synthesize', ...stuckAt('synthesize'))
  expect(ran).toMatchObject({ ok: false, exitCode: 3, error: { code: 'DDA_PLUGIN_STUCK', plugin: 'stuck' } })
})

test('an ending of a plugin that never settles is named, and everything else is closed', async () => {
  await ddaHere(project.dir, 'synthesize')
  const ran = await ddaJson(project.dir, 'eval', '--thinker', 'base', '--name', 'run', ...stuckAt('the end'))
  expect(ran).toMatchObject({
    ok: false,
    exitCode: 3,
    error: { code: 'DDA_DISPOSE_FAILED', plugin: 'stuck', message: expect.stringContaining('stuck never ends') },
  })
  expect(ran.error.message).toContain('onDispose')
  // What it was asked for was done, and nobody holds it.
  expect(status('run')).toMatchObject({ state: 'finished' })
  expect(existsSync(join(project.dir, 'runs/run/lock'))).toBe(false)
})

test.each([
  ['install', ['editor', 'install', './stuck.mjs']],
  ['fake', ['fake', 'editor', './stuck.mjs']],
])('so is %s, which plugins offer outside of runs', async (call, command) => {
  const ran = await ddaJson(project.dir, ...command)
  expect(ran).toMatchObject({ ok: false, exitCode: 3, error: { code: 'DDA_PLUGIN_STUCK', plugin: 'stuck' } })
  expect(ran.error.message).toContain(`its call ${call}`)
})

test('a plugin whose module never ends loading is an end with a code as well', async () => {
  writeFileSync(join(project.dir, 'stuck.mjs'), 'await new Promise(() => {})\nexport default undefined\n')
  const ran = await ddaJson(project.dir, 'synthesize', ...stuckAt('synthesize'))
  expect(ran).toMatchObject({ ok: false, exitCode: 3, error: { code: 'DDA_NEVER_ENDED' } })
  expect(ran.error.message).toContain('stuck.mjs never ends loading')
})

test.each([
  ['mjs', 'await new Promise(() => {})\nexport default {}\n'],
  ['mjs', 'export default new Promise(() => {})\n'],
  ['ts', 'await new Promise(() => {})\nexport default {}\n'],
])('so is a configuration (%s) that never ends loading: %j', async (extension, text) => {
  const file = `stuck.config.${extension}`
  writeFileSync(join(project.dir, file), text)
  const ran = await ddaJson(project.dir, 'config', 'check', '--config', file)
  expect(ran).toMatchObject({ ok: false, exitCode: 3, error: { code: 'DDA_NEVER_ENDED' } })
  expect(ran.error.message).toContain(`${file} never ends loading`)
})

test('two lines with one sample id are told by every command that reads samples', async () => {
  await ddaHere(project.dir, 'synthesize')
  const file = join(project.dir, 'data/samples.jsonl')
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  appendFileSync(file, `${lines[2]}\n`)
  for (const command of [['curate'], ['train'], ['eval', '--thinker', 'base']]) {
    const ran = await ddaHere(project.dir, ...command)
    expect(ran, command[0]).toMatchObject({
      ok: false,
      exitCode: 3,
      error: { code: 'DDA_DATA_DUPLICATE', location: `${file}:${lines.length + 1}:1` },
    })
    expect(ran.error.message).toContain(`Lines 3 and ${lines.length + 1}`)
  }
})
