import { join } from 'node:path'
import { API_VERSION, definePlugin, type Plugin, Type } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { failure, project } from '../../../../test/support/testing.ts'
import type { ConfigInvalidError, ConfigProblem } from '../errors-config.ts'
import { completeConfig } from './complete.ts'
import { loadConfig, type LoadConfigOptions } from './load.ts'
import { formatOrigin } from '../tree/origins.ts'

const editor: Plugin = definePlugin({
  name: 'editor-test',
  apiVersion: API_VERSION,
  options: Type.Object(
    {
      model: Type.String({ default: 'small' }),
      apiKey: Type.Optional(Type.String()),
      params: Type.Object(
        { steps: Type.Integer({ minimum: 1, default: 10 }) },
        { additionalProperties: false, default: {} },
      ),
      mode: Type.Union([Type.Literal('fast'), Type.Literal('exact')], { default: 'fast' }),
    },
    { additionalProperties: false },
  ),
  setup() {},
})
const other: Plugin = definePlugin({
  name: 'editor-other',
  apiVersion: API_VERSION,
  options: Type.Object({ size: Type.Integer({ default: 1 }) }, { additionalProperties: false }),
  setup() {},
})
const plugins = { test: editor, other }

const load = async (cwd: string, options: Partial<LoadConfigOptions> = {}) =>
  loadConfig({ cwd, env: {}, plugins, ...options })

const preset = (name: string) => JSON.stringify({ name, exports: './preset.yaml' })

async function problems(cwd: string, options: Partial<LoadConfigOptions> = {}): Promise<readonly ConfigProblem[]> {
  const error = await failure(async () => load(cwd, options))
  expect(error.code).toBe('DDA_CONFIG_INVALID')
  return (error as ConfigInvalidError).problems
}

test('the nearest config above is found, and defaults are filled', async () => {
  const root = project({ 'dda.config.yaml': 'name: lab\neditor: { use: test }\n', 'deep/er/x': '' })
  const { config, file, dir } = await load(join(root, 'deep/er'))
  expect([file, dir]).toEqual([join(root, 'dda.config.yaml'), root])
  expect(config.name).toBe('lab')
  expect(config.train.steps).toBe(100)
  expect(config.editor).toEqual({ use: 'test', model: 'small', params: { steps: 10 }, mode: 'fast' })
})

test.each([
  ['dda.config.json', '{\n\t"seed": 7,\n\t"train": { "steps": 3 }\n}'],
  [
    'dda.config.ts',
    `import { defineConfig } from '@dda-thinker/config'\nexport default defineConfig({ seed: 7, train: { steps: 3 as number } })`,
  ],
  ['dda.config.mjs', 'export default { seed: 7, train: { steps: await Promise.resolve(3) } }'],
  ['dda.config.js', 'module.exports = { seed: 7, train: { steps: 3 } }'],
  ['dda.config.yml', 'seed: 7\ntrain: {steps: 3}'],
])('%s is read', async (name, text) => {
  const { config } = await load(project({ [name]: text }))
  expect([config.seed, config.train.steps]).toEqual([7, 3])
})

test('--set over environment over file over presets over defaults, and every value knows its origin', async () => {
  const root = project({
    'dda.config.yaml': 'extends: [./base, ./more.yaml]\ntrain:\n  groupSize: 6\n  temperature: 0.5\n',
    'base.yaml': 'train: { steps: 1, groupSize: 2, samplesPerStep: 8, checkpointEvery: 5 }\n',
    'more.yaml': 'train: { steps: 2 }\n',
  })
  const { config, origins, files } = await load(root, {
    env: { DDA_TRAIN__TEMPERATURE: '0.25', DDA_TRAIN__SAMPLES_PER_STEP: '16', DDA_SYNTHESIZE__COUNT__HELD_OUT: '9' },
    set: ['train.samplesPerStep=32'],
  })
  expect(config.train).toMatchObject({
    steps: 2,
    groupSize: 6,
    temperature: 0.25,
    samplesPerStep: 32,
    checkpointEvery: 5,
  })
  expect(config.synthesize.count['held-out']).toBe(9)
  const origin = (path: string) => {
    const found = origins.at(path)
    return found === undefined ? undefined : formatOrigin(found, root)
  }
  expect(origin('train.samplesPerStep')).toBe('--set train.samplesPerStep=32')
  expect(origin('train.temperature')).toBe('DDA_TRAIN__TEMPERATURE')
  expect(origin('train.groupSize')).toBe('dda.config.yaml:3:14')
  expect(origin('train.steps')).toBe('more.yaml:1:17')
  expect(origin('train.checkpointEvery')).toBe('base.yaml:1:70')
  expect(origin('train.keepCheckpoints')).toBe('default of DDA-Thinker')
  expect(files).toEqual(['base.yaml', 'more.yaml', 'dda.config.yaml'].map((name) => join(root, name)))
})

test('a layer is told of every option: default, presets in order, and the project with its variables and arguments', async () => {
  const root = project({
    'dda.config.yaml': 'extends: ./base.yaml\ntrain: { groupSize: 6, filter: { minMean: 0.1 } }\n',
    'base.yaml':
      'extends: ./root.yaml\ntrain: { groupSize: 2, steps: 5, samplesPerStep: 8, temperature: 0.5, filter: { minStd: 0.1 } }\n',
    'root.yaml': 'train: { checkpointEvery: 5 }\n',
  })
  const { origins } = await load(root, { env: { DDA_TRAIN__STEPS: '7' }, set: ['train.samplesPerStep=32'] })
  const layer = (key: string) => origins.layerOf(['train', ...key.split('.')])
  expect(['keepCheckpoints', 'filter.maxMean', 'filter.refills'].map(layer)).toEqual([0, 0, 0])
  expect(['checkpointEvery', 'temperature', 'filter.minStd'].map(layer)).toEqual([1, 2, 2])
  expect(['groupSize', 'steps', 'samplesPerStep', 'filter.minMean', 'filter'].map(layer)).toEqual([3, 3, 3, 3, 3])
})

test('maps merge, lists replace, and a block of another plugin replaces the whole block', async () => {
  const root = project({
    'dda.config.yaml': 'extends: ./base.json\neditor: { params: { steps: 4 } }\nplugins: []\n',
    'swap.yaml': 'extends: ./base.json\neditor: { use: other }\n',
    'base.json': '{"editor": {"use": "test", "model": "big", "params": {"steps": 2}}, "plugins": [{"use": "gone"}]}',
  })
  const { config } = await load(root)
  expect(config.editor).toMatchObject({ use: 'test', model: 'big', params: { steps: 4 } })
  expect(config.plugins).toEqual([])
  const swapped = await load(root, { file: 'swap.yaml', set: ['plugins=[]'] })
  expect(swapped.config.editor).toEqual({ use: 'other', size: 1 })
})

test('--set of another plugin clears the options of the one before, whatever the order', async () => {
  const root = project({ 'dda.config.yaml': 'editor: { use: test, model: big }\n' })
  expect((await load(root, { set: ['editor.size=5', 'editor.use=other'] })).config.editor).toEqual({
    use: 'other',
    size: 5,
  })
  expect((await load(root, { env: { DDA_EDITOR__USE: 'other' } })).config.editor).toEqual({ use: 'other', size: 1 })
  expect((await load(root, { set: ['editor.use=test'] })).config.editor).toMatchObject({ model: 'big' })
})

test('values in variables and arguments are YAML, or text where text is expected', async () => {
  const root = project({ 'dda.config.yaml': 'editor: { use: test }\n' })
  const { config } = await load(root, { set: ['name=123', 'editor.model=2.0', 'editor.params={steps: 7}'] })
  expect(config.name).toBe('123')
  expect(config.editor).toMatchObject({ model: '2.0', params: { steps: 7 } })
})

test('environment variables go into strings where that is said, and are not shown', async () => {
  const root = project({ 'dda.config.yaml': 'name: $${env:X}\neditor: { use: test, apiKey: "key-${env:SECRET}" }\n' })
  const { config, printable, origins } = await load(root, { env: { SECRET: 's3' } })
  expect(config.name).toBe('${env:X}')
  expect(config.editor).toMatchObject({ apiKey: 'key-s3' })
  expect(printable.editor).toMatchObject({ apiKey: 'key-${env:SECRET}' })
  expect(JSON.stringify(origins.entries())).not.toContain('s3')
  expect(await problems(root)).toMatchObject([{ location: 'dda.config.yaml:2:30', path: 'editor.apiKey' }])
})

test('all problems at once, each with its place and the nearest known name', async () => {
  const root = project({
    'dda.config.yaml': `# a comment
trian:
  steps: 3
train:
  steps: ten
  order: shufle
editor:
  use: test
  modle: x
  mode: fats
  params: { steps: 0 }
judge: 3
reward: { weights: 1 }
trainer: { use: nowhere }
`,
  })
  const found = await problems(root, { env: { DDA_TRIAN__STEPS: '3' } })
  const at = (path: string) => found.find((problem) => problem.path === path)
  expect(at('trian.steps')).toMatchObject({ location: 'DDA_TRIAN__STEPS', suggestion: 'DDA_TRAIN__STEPS' })
  expect(at('trian')).toMatchObject({ location: 'dda.config.yaml:2:1', suggestion: 'train' })
  expect(at('train.steps')).toMatchObject({ location: 'dda.config.yaml:5:10', expected: 'an integer', got: '"ten"' })
  expect(at('train.order')).toMatchObject({ location: 'dda.config.yaml:6:10', suggestion: 'shuffle' })
  expect(at('editor.modle')).toMatchObject({ location: 'dda.config.yaml:9:3', suggestion: 'model' })
  expect(at('editor.mode')).toMatchObject({
    location: 'dda.config.yaml:10:9',
    expected: 'one of fast, exact',
    suggestion: 'fast',
  })
  expect(at('editor.params.steps')).toMatchObject({
    location: 'dda.config.yaml:11:20',
    expected: 'at least 1',
    got: '0',
  })
  expect(at('judge')).toMatchObject({ location: 'dda.config.yaml:12:8', expected: 'a list' })
  expect(at('reward.use')).toMatchObject({ location: 'dda.config.yaml:13:9', message: 'is missing' })
  expect(at('trainer.use')).toMatchObject({ location: 'dda.config.yaml:14:17', code: 'DDA_PLUGIN_NOT_FOUND' })
  expect(found).toHaveLength(10)
})

test('a problem in a list is shown with its index, one in TypeScript with its file', async () => {
  const root = project({
    'dda.config.yaml': 'judge:\n  - { use: test }\n  - { use: test, modle: 1 }\n',
    'ts/dda.config.ts': 'export default { seed: -1 }',
  })
  const judges = await problems(root)
  expect(judges).toMatchObject([{ path: 'judge[1].modle', location: 'dda.config.yaml:3:18' }])
  expect(await problems(join(root, 'ts'))).toMatchObject([
    { path: 'seed', location: 'dda.config.ts', expected: 'at least 0' },
  ])
})

test('anchors under x- keys, merge keys and $schema are free', async () => {
  const root = project({
    'dda.config.yaml':
      '$schema: s.json\nx-common: &common { steps: 5, groupSize: 3 }\ntrain:\n  <<: *common\n  steps: 6\n',
  })
  expect((await load(root)).config.train).toMatchObject({ steps: 6, groupSize: 3 })
})

test('presets come from packages by short name and from the folder of the file that says it', async () => {
  const root = project({
    'dda.config.yaml': 'extends: [one, "@lab/two"]\n',
    'node_modules/@dda-thinker/preset-one/package.json': preset('one'),
    'node_modules/@dda-thinker/preset-one/preset.yaml': 'extends: ./inner.ts\nseed: 5\n',
    'node_modules/@dda-thinker/preset-one/inner.ts': 'export default { seed: 4, name: "inner" as string }',
    'node_modules/@lab/dda-preset-two/package.json': preset('two'),
    'node_modules/@lab/dda-preset-two/preset.yaml': 'train: { steps: 9 }\n',
  })
  const { config } = await load(root)
  expect([config.seed, config.name, config.train.steps]).toEqual([5, 'inner', 9])
})

test('presets that extend each other are reported as a chain', async () => {
  const root = project({
    'dda.config.yaml': 'extends: ./a.yaml\n',
    'a.yaml': 'extends: ./b.yaml\n',
    'b.yaml': 'extends: ./a.yaml\n',
  })
  const error = await failure(async () => load(root))
  expect(error.code).toBe('DDA_CONFIG_EXTENDS_CYCLE')
  expect(error.message).toContain(
    `  1. ${join(root, 'a.yaml')}\n  2. ${join(root, 'b.yaml')}\n  3. ${join(root, 'a.yaml')}`,
  )
  expect(error.location).toBe('b.yaml:1:10')
})

test.each([
  ['no file', {}, {}, 'DDA_CONFIG_MISSING'],
  ['a named file that is not there', {}, { file: 'x.yaml' }, 'DDA_CONFIG_MISSING'],
  ['an empty file', { 'dda.config.yaml': '' }, {}, 'DDA_CONFIG_EMPTY'],
  ['a file of comments', { 'dda.config.yaml': '# nothing\n' }, {}, 'DDA_CONFIG_EMPTY'],
  ['a list', { 'dda.config.yaml': '- 1\n' }, {}, 'DDA_CONFIG_LOAD'],
  ['YAML that is none', { 'dda.config.yaml': 'a: [1\nb: 2\n' }, {}, 'DDA_CONFIG_SYNTAX'],
  ['a key said twice', { 'dda.config.yaml': 'seed: 1\nseed: 2\n' }, {}, 'DDA_CONFIG_SYNTAX'],
  ['JSON that is none', { 'dda.config.json': '{\n  "seed": 1,\n}' }, {}, 'DDA_CONFIG_SYNTAX'],
  ['a module that throws', { 'dda.config.ts': 'throw new Error("no")' }, {}, 'DDA_CONFIG_LOAD'],
  ['a module that misses a file', { 'dda.config.mjs': 'import "./gone.mjs"' }, {}, 'DDA_CONFIG_LOAD'],
  ['a preset that is not there', { 'dda.config.yaml': 'extends: nowhere\n' }, {}, 'DDA_CONFIG_PRESET_UNKNOWN'],
  ['extends that is no name', { 'dda.config.yaml': 'extends: { a: 1 }\n' }, {}, 'DDA_CONFIG_EXTENDS'],
  ['--set without a value', { 'dda.config.yaml': 'seed: 1\n' }, { set: ['seed'] }, 'DDA_CONFIG_SET'],
  ['--set without a key', { 'dda.config.yaml': 'seed: 1\n' }, { set: ['a..b=1'] }, 'DDA_CONFIG_SET'],
  ['--set through a number', { 'dda.config.yaml': 'seed: 1\n' }, { set: ['seed.x=1'] }, 'DDA_CONFIG_SET'],
  ['--set of broken YAML', { 'dda.config.yaml': 'seed: 1\n' }, { set: ['plugins=[1'] }, 'DDA_CONFIG_SET'],
])('%s has a code of its own', async (_what, files, options, code) => {
  const error = await failure(async () => load(project(files), options))
  expect(error.code).toBe(code)
  expect(error.next).toMatch(/\.$/)
})

test('a syntax error is located', async () => {
  const yaml = await failure(async () => load(project({ 'dda.config.yaml': 'seed: 1\nname: "x\n' })))
  expect(yaml.location).toMatch(/dda\.config\.yaml:[23]:\d+$/)
  const json = await failure(async () => load(project({ 'dda.config.json': '{\n  "seed": 1,\n}' })))
  expect(json.location).toMatch(/dda\.config\.json:3:1$/)
})

test('a plugin that cannot be loaded says why and what to do', async () => {
  const root = project({ 'dda.config.yaml': 'editor: { use: ./bad.mjs }\n', 'bad.mjs': 'throw new Error("no GPU")' })
  const error = await failure(async () => load(root))
  expect(error.location).toBe('dda.config.yaml:1:16')
  expect(error.message).toContain('no GPU')
  expect((error.cause as Error).message).toBe('no GPU')
  expect(error.next).toContain('Correct what is said there')
})

test('an unrelated or empty variable is not ours', async () => {
  const root = project({ 'dda.config.yaml': 'seed: 1\n' })
  const { config } = await load(root, { env: { DDA_UNRELATED: '1', DDA_TRACE: '1', DDA_SEED: '', OTHER: 'x' } })
  expect(config.seed).toBe(1)
})

test('plugins of kinds left unchecked are not loaded', async () => {
  const root = project({ 'dda.config.yaml': 'trainer: { use: nowhere }\n' })
  expect((await load(root, { check: ['editor'] })).plugins).toEqual([])
})

test('a program can complete a config without a file', async () => {
  expect(completeConfig({ editor: { use: 'test' }, train: { steps: 2 } })).toMatchObject({
    editor: { use: 'test' },
    train: { steps: 2, groupSize: 4 },
  })
  expect((await failure(() => completeConfig({ seed: -1 }))).code).toBe('DDA_CONFIG_INVALID')
})

test.each([
  [
    'aliases of aliases',
    `a: &a [${'x, '.repeat(9)}x]\n${'bcdefghi'.replaceAll(/./g, (name) => `${name}: &${name} [${`*${String.fromCharCode(name.charCodeAt(0) - 1)}, `.repeat(9)}1]\n`)}`,
    /more than 100000 values/,
  ],
  [
    'merged maps of merged maps',
    `m: &a { ${Array.from({ length: 50 }, (_, i) => `k${i}: &a${i} {x: 1}`).join(', ')} }\n${'bcdefgh'.replaceAll(/./g, (name) => `${name}: &${name} { ${Array.from({ length: 20 }, (_, i) => `k${i}: *${String.fromCharCode(name.charCodeAt(0) - 1)}`).join(', ')} }\n`)}`,
    /more than 100000 values/,
  ],
  ['an alias of what it stands in', 'a: &a [1, *a]\n', /levels deep/],
  ['lists in lists', `a: ${'['.repeat(300)}${']'.repeat(300)}\n`, /levels deep/],
  ['very many lists in lists', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`, /deep|nest|level|call stack/i],
])('%s are refused at once, with a place', async (_, text, message) => {
  const root = project({ 'dda.config.yaml': text })
  const error = await failure(async () => load(root))
  expect(error).toMatchObject({ code: 'DDA_CONFIG_SYNTAX', message: expect.stringMatching(message) })
  expect(error.location).toMatch(/dda\.config\.yaml:\d+:\d+$/)
})

test('an alias that stays small is what it stands for', async () => {
  const root = project({ 'dda.config.yaml': 'seed: &n 7\neditor: { use: test }\ntrain: { steps: *n }\n' })
  expect((await load(root)).config).toMatchObject({ seed: 7, train: { steps: 7 } })
})

test('a number that is none, or would be rounded, is refused wherever it is said', async () => {
  for (const value of ['.inf', '-.inf', '.nan']) {
    const root = project({ 'dda.config.yaml': `seed: ${value}\neditor: { use: test }\n` })
    expect(await problems(root)).toMatchObject([{ path: 'seed', expected: 'an integer' }])
    const plain = project({ 'dda.config.yaml': 'editor: { use: test }\n' })
    expect(await problems(plain, { set: [`seed=${value}`] })).toMatchObject([{ path: 'seed' }])
    expect(await problems(plain, { env: { DDA_SEED: value } })).toMatchObject([{ path: 'seed' }])
  }
  const long = '9007199254740993'
  const root = project({ 'dda.config.yaml': `seed: ${long}\neditor: { use: test }\n` })
  expect(await failure(async () => load(root))).toMatchObject({
    code: 'DDA_CONFIG_SYNTAX',
    message: expect.stringContaining(long),
  })
  const plain = project({ 'dda.config.yaml': 'editor: { use: test }\n' })
  expect(await problems(plain, { set: [`seed=${long}`] })).toMatchObject([{ path: 'seed' }])
  expect((await failure(async () => load(plain, { set: [`train={seed: ${long}}`] }))).code).toBe('DDA_CONFIG_SET')
  // As text it is what was written.
  expect((await load(plain, { set: [`name=${long}`] })).config.name).toBe(long)
})
