import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PluginKind } from '@dda-thinker/plugin-api'
import { failure, plugin, project } from '../../../../test/support/testing.ts'
import { loadPlugin } from './load-plugin.ts'

/** A plugin as an author would write it, by the documented API only. */
const source = (name: string, extra = '') => `
import { API_VERSION, definePlugin, REWARD, Type } from '@dda-thinker/plugin-api'
export default definePlugin({
  name: '${name}',
  apiVersion: API_VERSION,
  options: Type.Object({}, { additionalProperties: false }),
  setup(api) {
    api.provide(REWARD, () => ({ fingerprint: '${name}', decompose: () => ({ total: 0, components: {}, items: [], extras: {} }) }))
  },
  ${extra}
})
`
const pkg = (name: string) =>
  JSON.stringify({ name, version: '0.3.0', type: 'module', exports: { import: './index.js' } })
const load = async (dir: string, use: string, kind: PluginKind = 'reward') => loadPlugin({ use, kind, dir })

test('a path leads to a file, with or without its extension, or to a folder', async () => {
  const root = project({
    'a.mjs': source('a'),
    'b.ts': source('b', 'x: 1 satisfies number,'),
    'c/package.json': JSON.stringify({ main: 'main.mjs', version: '9.0.0' }),
    'c/main.mjs': source('c'),
    'd/index.ts': source('d'),
  })
  const found = await Promise.all(
    ['./a.mjs', './b', './c', './d', join(root, 'a.mjs')].map(async (use) => load(root, use)),
  )
  expect(found.map(({ plugin }) => plugin.name)).toEqual(['a', 'b', 'c', 'd', 'a'])
  expect(found[2]).toMatchObject({ version: '9.0.0', path: join(root, 'c/main.mjs') })
})

test('a name leads to a package: exact, by kind, of the community, of a scope', async () => {
  const names = ['@dda-thinker/reward-one', 'dda-reward-two', '@lab/dda-reward-three', 'four']
  const root = project(
    Object.fromEntries(
      names.flatMap((name) => [
        [`node_modules/${name}/package.json`, pkg(name)],
        [`node_modules/${name}/index.js`, source(name)],
      ]),
    ),
  )
  for (const [use, name] of [
    ['one', '@dda-thinker/reward-one'],
    ['@dda-thinker/reward-one', '@dda-thinker/reward-one'],
    ['two', 'dda-reward-two'],
    ['@lab/three', '@lab/dda-reward-three'],
    ['four', 'four'],
  ] as const) {
    expect(await load(join(root, 'deep/er'), use), use).toMatchObject({ plugin: { name }, version: '0.3.0' })
  }
})

test('an unrelated package of the same short name does not hide the plugin', async () => {
  const root = project({
    'node_modules/openai/package.json': pkg('openai'),
    'node_modules/openai/index.js': 'export default class OpenAI {}',
    'node_modules/dda-reward-openai/package.json': pkg('dda-reward-openai'),
    'node_modules/dda-reward-openai/index.js': source('reward-openai'),
  })
  expect((await load(root, 'openai')).plugin.name).toBe('reward-openai')
})

test('a plugin set offers the kind that the key asks for, and no other', async () => {
  const set = `import { API_VERSION, definePlugin, definePluginSet, Type } from '@dda-thinker/plugin-api'
    const options = Type.Object({})
    export default definePluginSet({
      reward: definePlugin({ name: 'world-reward', apiVersion: API_VERSION, options, setup() {} }),
      judge: definePlugin({ name: 'world-judge', apiVersion: API_VERSION, options, setup() {} }),
    })`
  const root = project({
    'node_modules/@dda-thinker/world/package.json': pkg('w'),
    'node_modules/@dda-thinker/world/index.js': set,
  })
  expect((await load(root, 'world')).plugin.name).toBe('world-reward')
  expect((await load(root, 'world', 'judge')).plugin.name).toBe('world-judge')
  const error = await failure(async () => load(root, 'world', 'editor'))
  expect(error.code).toBe('DDA_PLUGIN_KIND')
  expect(error.message).toContain('that is a reward and judge, not an editor')
})

test('a plugin set that is named for one of its kinds is found for the others too, after plugins of that kind', async () => {
  const set = (
    name: string,
  ) => `import { API_VERSION, definePlugin, definePluginSet, Type } from '@dda-thinker/plugin-api'
    const options = Type.Object({})
    export default definePluginSet({
      trainer: definePlugin({ name: 'trainer-${name}', apiVersion: API_VERSION, options, setup() {} }),
      thinker: definePlugin({ name: 'thinker-${name}', apiVersion: API_VERSION, options, setup() {} }),
    })`
  const root = project({
    'node_modules/dda-trainer-mine/package.json': pkg('dda-trainer-mine'),
    'node_modules/dda-trainer-mine/index.js': set('mine'),
    'node_modules/@lab/dda-trainer-ours/package.json': pkg('@lab/dda-trainer-ours'),
    'node_modules/@lab/dda-trainer-ours/index.js': set('ours'),
    'node_modules/dda-trainer-two/package.json': pkg('dda-trainer-two'),
    'node_modules/dda-trainer-two/index.js': set('two'),
    'node_modules/dda-thinker-two/package.json': pkg('dda-thinker-two'),
    'node_modules/dda-thinker-two/index.js': source('thinker-of-its-own'),
  })
  expect((await load(root, 'mine', 'thinker')).plugin.name).toBe('thinker-mine')
  expect((await load(root, '@lab/ours', 'thinker')).plugin.name).toBe('thinker-ours')
  expect((await load(root, 'two', 'thinker')).plugin.name).toBe('thinker-of-its-own')
  const error = await failure(async () => load(root, 'mine', 'editor'))
  expect(error.code).toBe('DDA_PLUGIN_NOT_FOUND')
  expect(error.message).toContain('that is a trainer, not an editor')
})

test('a failure lists all that was tried and the nearest installed name', async () => {
  const root = project({
    'node_modules/dda-reward-brevity/package.json': pkg('x'),
    'node_modules/dda-reward-brevity/index.js': '',
  })
  const error = await failure(async () => load(root, 'brevty'))
  expect(error.code).toBe('DDA_PLUGIN_NOT_FOUND')
  expect(error.message).toContain('Did you mean `brevity`?')
  for (const name of ['brevty', '@dda-thinker/reward-brevty', '@dda-thinker/brevty', 'dda-reward-brevty']) {
    expect(error.message).toContain(`  ${name} from ${root}`)
  }
})

test('a name of another kind says which', async () => {
  const root = project({
    'node_modules/dda-judge-strict/package.json': pkg('x'),
    'node_modules/dda-judge-strict/index.js': '',
  })
  const error = await failure(async () => load(root, 'strict', 'editor'))
  expect(error.message).toContain('that is a judge, not an editor')
})

test('a default export that is no plugin, and a module that throws, are told apart', async () => {
  const root = project({
    'none.mjs': 'export const x = 1',
    'bad.mjs': 'throw new Error("no GPU")',
    'worse.ts': 'export default (',
    'lacking.mjs': 'import "not-there"',
    'lacking.ts': 'import "not-there"',
    'lacking.cjs': 'require("not-there")',
  })
  expect(await failure(async () => load(root, './none.mjs'))).toMatchObject({ code: 'DDA_PLUGIN_INVALID' })
  const error = await failure(async () => load(root, './bad.mjs'))
  expect(error.code).toBe('DDA_PLUGIN_LOAD')
  expect((error.cause as Error).message).toBe('no GPU')
  expect(error.next).not.toContain('npm install')
  for (const file of ['lacking.mjs', 'lacking.ts', 'lacking.cjs'])
    expect((await failure(async () => load(root, `./${file}`))).next, file).toContain('npm install')
  expect(await failure(async () => load(root, './worse.ts'))).toMatchObject({ code: 'DDA_PLUGIN_LOAD' })
})

test.each([
  ['name: undefined', 'Plugin ? ', 'its `name` is no text'],
  ["name: ' '", 'Plugin   ', 'its `name` is no text'],
  ['options: null', 'Plugin mine ', 'its `options` are no schema'],
  ['setup: undefined', 'Plugin mine ', 'its `setup` is no function'],
  ['install: true', 'Plugin mine ', 'its `install` is no function'],
])('a definition that says %s is told what it lacks', async (wrong, which, fault) => {
  const root = project({ 'mine.mjs': source('mine', wrong) })
  const error = await failure(async () => load(root, './mine.mjs'))
  expect(error).toMatchObject({ code: 'DDA_PLUGIN_INVALID' })
  expect(error.message).toContain(which)
  expect(error.message).toContain(fault)
})

test('a package that was never built is found but not there', async () => {
  const root = project({ 'node_modules/dda-reward-unbuilt/package.json': pkg('x') })
  const error = await failure(async () => load(root, 'unbuilt'))
  expect(error.code).toBe('DDA_PLUGIN_NOT_FOUND')
  expect(error.message).toContain('found, but')
})

test('a path to a package that was never built says what builds it', async () => {
  const root = project({ 'mine/package.json': pkg('dda-reward-mine') })
  expect(await failure(async () => load(root, './mine'))).toMatchObject({
    code: 'DDA_PLUGIN_NOT_BUILT',
    message: expect.stringContaining(join(root, 'mine/index.js')),
    next: expect.stringContaining(`npm run build\` in ${join(root, 'mine')}`),
  })
})

test('a plugin of another API version is refused with what to do', async () => {
  const root = project({ 'old.mjs': source('old', 'apiVersion: 0,'), 'new.mjs': source('new', 'apiVersion: 99,') })
  expect(await failure(async () => load(root, './old.mjs'))).toMatchObject({
    code: 'DDA_PLUGIN_API_VERSION',
    next: 'Install a newer version of the plugin.',
  })
  expect((await failure(async () => load(root, './new.mjs'))).next).toContain('Update DDA-Thinker')
  for (const [index, version] of ["apiVersion: '1',", 'apiVersion: undefined,'].entries()) {
    const unsaid = project({ [`unsaid-${index}.mjs`]: source(`unsaid-${index}`, version) })
    const error = await failure(async () => load(unsaid, `./unsaid-${index}.mjs`))
    expect(error).toMatchObject({ code: 'DDA_PLUGIN_API_VERSION', next: expect.stringContaining('API_VERSION') })
    expect(error.message).toContain(index === 0 ? '"1" is there' : 'none is there')
  }
})

test('a plugin at hand needs no file', async () => {
  const mine = plugin('mine', () => {})
  const found = await loadPlugin({ use: 'mine', kind: 'editor', dir: '/', atHand: { mine } })
  expect(found.plugin).toBe(mine)
})

test('first-party plugins are found from a project anywhere', async () => {
  const root = project({})
  expect((await load(root, 'dual-atomic')).plugin.name).toBe('reward-dual-atomic')
  expect((await failure(async () => load(root, 'tabletp', 'judge'))).message).toContain('Did you mean `tabletop`?')
  const error = await failure(async () => load(root, 'dual-atomc'))
  expect(error.message).toContain('Did you mean `dual-atomic`?')
  expect(error.message).toContain('from DDA-Thinker itself')
})
