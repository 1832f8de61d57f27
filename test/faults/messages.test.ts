import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { root, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'

/*
 * What a newcomer does wrong, and whether the message is enough to put it right: a code that has its place on the page of errors, the
 * plugin and the place that are at fault, and the next step.
 */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const page = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8')
const project = tinyProject()
const config = readFileSync(join(project.dir, 'dda.config.yaml'), 'utf8')
beforeAll(async () => {
  expect(await ddaHere(project.dir, 'synthesize')).toMatchObject({ ok: true })
})
afterAll(() => project.remove())

const API = "import { API_VERSION, definePlugin, EDITOR, JUDGES, REWARD, Type } from '@dda-thinker/plugin-api'\n"
const plugin = (name: string, setup: string, more = '') =>
  `${API}export default definePlugin({ name: '${name}', apiVersion: API_VERSION, options: Type.Object({}), setup(api) { ${setup} }, ${more} })\n`

interface Wrong {
  readonly what: string
  /** Changes the configuration. */
  readonly change: (config: string) => string
  readonly files?: Readonly<Record<string, string>>
  readonly command?: readonly string[]
  readonly code: string
  /** Words of the message, its place, its next step, or what it names: all of them must be there. */
  readonly names: readonly RegExp[]
}

const EVAL = ['eval', '--thinker', 'base', '--limit', '2'] as const
const REWARD_OF = (decompose: string) =>
  plugin('wordy', `api.provide(REWARD, () => ({ fingerprint: 'w', decompose: () => (${decompose}) }))`)

const WRONGS: readonly Wrong[] = [
  {
    what: 'a value of another type',
    change: (text) => text.replace('steps: 12', 'steps: ten'),
    code: 'DDA_CONFIG_INVALID',
    names: [/train\.steps/, /dda\.config\.yaml:\d+:\d+/, /expected an integer/],
  },
  {
    what: 'a misspelt key',
    change: (text) => text.replace('groupSize:', 'groupsize:'),
    code: 'DDA_CONFIG_INVALID',
    names: [/groupsize/, /did you mean `groupSize`/],
  },
  {
    what: 'a plugin that is not there',
    change: (text) => text.replace('use: dual-atomic', 'use: dual-atmic'),
    code: 'DDA_CONFIG_INVALID',
    names: [/dual-atmic/, /reward/, /dda\.config\.yaml:\d+:\d+/, /did you mean/i],
  },
  {
    what: 'a plugin of another kind',
    change: (text) => text.replace('use: dual-atomic', 'use: ./kind.mjs'),
    files: { 'kind.mjs': `${API}export default { editor: 1 }\n` },
    code: 'DDA_CONFIG_INVALID',
    names: [/kind\.mjs/, /not a plugin/, /dda\.config\.yaml:\d+:\d+/],
  },
  {
    what: 'a plugin for a newer contract',
    change: (text) => text.replace('use: dual-atomic', 'use: ./newer.mjs'),
    files: { 'newer.mjs': plugin('newer', '').replace('apiVersion: API_VERSION', 'apiVersion: 99') },
    code: 'DDA_CONFIG_INVALID',
    names: [/newer/, /99/, /dda\.config\.yaml:\d+:\d+/],
  },
  {
    what: 'an Editor that says nothing of itself',
    change: (text) => text.replace('editor:\n  use: ./tiny.mjs', 'editor:\n  use: ./half.mjs'),
    files: { 'half.mjs': plugin('half', 'api.provide(EDITOR, () => ({ edit() {} }))') },
    command: EVAL,
    code: 'DDA_PLUGIN_ROLE',
    names: [/half/, /`fingerprint`/],
  },
  {
    what: 'a plugin that fills no role',
    change: (text) => text.replace('use: dual-atomic', 'use: ./empty.mjs'),
    files: { 'empty.mjs': plugin('empty', '') },
    command: EVAL,
    code: 'DDA_PLUGIN_KIND',
    names: [/empty/, /reward/, /dda\.config\.yaml:\d+:\d+/],
  },
  {
    what: 'a reward that gives text',
    change: (text) => text.replace('use: dual-atomic', 'use: ./wordy.mjs'),
    files: { 'wordy.mjs': REWARD_OF("{ total: 'much', components: {}, items: [], extras: { x: 'much' } }") },
    command: EVAL,
    code: 'DDA_REWARD_INVALID',
    names: [/"plugin":"wordy"/, /of sample \S+ is not sound: its extra x is .*much.* \(string\)/],
  },
  {
    what: 'a reward that is text itself',
    change: (text) => text.replace('use: dual-atomic', 'use: ./string.mjs'),
    files: { 'string.mjs': REWARD_OF("'much'").replaceAll("'wordy'", "'stringy'") },
    command: EVAL,
    code: 'DDA_REWARD_INVALID',
    names: [/"plugin":"stringy"/, /it is a string/],
  },
  {
    what: 'a sound plugin under the key of another kind',
    change: (text) => text.replace('use: dual-atomic', 'use: ./painter.mjs'),
    files: { 'painter.mjs': plugin('painter', 'api.contribute(JUDGES, () => ({}))') },
    command: EVAL,
    code: 'DDA_PLUGIN_KIND',
    names: [/painter/, /reward/, /judge/, /dda\.config\.yaml:\d+:\d+/],
  },
  {
    what: 'a tap that throws',
    change: (text) => `${text}plugins: [{ use: ./angry.mjs }]\n`,
    files: { 'angry.mjs': plugin('angry', "api.tap('synthesize', () => { throw new Error('no bananas') })") },
    command: ['synthesize'],
    code: 'DDA_PLUGIN_FAILED',
    names: [/angry/, /no bananas/, /synthesize/, /train-0/],
  },
  {
    what: 'a tap that never ends',
    change: (text) => `${text}plugins: [{ use: ./slow.mjs }]\n`,
    files: { 'slow.mjs': plugin('slow', "api.tap('synthesize', () => new Promise(() => {}))") },
    command: ['synthesize', '--set', 'engine.deadline.tap=1'],
    code: 'DDA_PLUGIN_STUCK',
    names: [/slow/, /synthesize/, /1 s/],
  },
  {
    what: 'a tap that gives something else back',
    change: (text) => `${text}plugins: [{ use: ./other.mjs }]\n`,
    files: { 'other.mjs': plugin('other', "api.tap('synthesize', (sample) => ({ ...sample, id: 'x' }))") },
    command: ['synthesize'],
    code: 'DDA_HOOK_RESULT',
    names: [/other/, /synthesize/, /`id`/],
  },
  {
    what: 'two plugins of one name',
    change: (text) => `${text}plugins: [{ use: ./a.mjs }, { use: ./b.mjs }]\n`,
    files: {
      'a.mjs': plugin('twin', "api.tap('plan', () => {})"),
      'b.mjs': plugin('twin', "api.tap('plan', () => {})"),
    },
    command: EVAL,
    code: 'DDA_PLUGIN_DUPLICATE',
    names: [/twin/, /\bid\b/],
  },
  {
    what: 'two Editors for one slot',
    change: (text) => `${text}plugins: [{ use: ./second.mjs }]\n`,
    files: { 'second.mjs': plugin('second', 'api.provide(EDITOR, () => ({}))') },
    command: EVAL,
    code: 'DDA_SLOT_TAKEN',
    names: [/second/, /editor/i],
  },
  {
    what: 'a file with a mistake in its code',
    change: (text) => text.replace('use: dual-atomic', 'use: ./broken.mjs'),
    files: { 'broken.mjs': `${API}export default definePlugin({\n` },
    code: 'DDA_CONFIG_INVALID',
    names: [/broken\.mjs/, /could not be loaded/],
  },
]

test.each(WRONGS)('$what', async ({ change, files = {}, command = ['config', 'check'], code, names }) => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(project.dir, path)), { recursive: true })
    writeFileSync(join(project.dir, path), content)
  }
  writeFileSync(join(project.dir, 'dda.config.yaml'), change(config))
  const { ok, error, data, stderr } = await ddaHere(project.dir, ...command)
  const [told] = error === undefined ? (data?.thinkers?.base?.causes ?? []) : [error]
  expect(told, stderr).toMatchObject({ code, next: expect.stringMatching(/\w+.*[.:]/s) })
  expect(ok).toBe(false)
  expect(page).toContain(`\n## ${code}\n`)
  const said = JSON.stringify(told)
  for (const name of names) expect(said.replaceAll('\\\\', '/')).toMatch(name)
})
