import { API_VERSION, definePlugin, Type } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { project } from '../../../../test/support/testing.ts'
import { formatOrigin } from '../tree/origins.ts'
import { loadConfig } from './load.ts'

/** The lower one of `low` and `high` gives way to the other where it was said below it. */
const e = definePlugin({
  name: 'e',
  apiVersion: API_VERSION,
  options: Type.Object(
    {
      range: Type.Object({ low: Type.Number({ default: 0 }), high: Type.Optional(Type.Number()) }, { default: {} }),
      others: Type.Optional(Type.Array(Type.Number())),
    },
    { additionalProperties: false },
  ),
  settle({ range: { low, high }, ...rest }, layerOf) {
    const crossed = high !== undefined && low > high
    if (crossed && layerOf('range.low') < layerOf('range.high')) return { ...rest, range: { low: 0, high } }
    if (crossed && layerOf('range.high') < layerOf('range.low')) return { ...rest, range: { low } }
    return { ...rest, range: { low, ...(high !== undefined && { high }) } }
  },
  setup: () => undefined,
})
const files = (own: string) =>
  project({
    'dda.config.yaml': `extends: ./base.yaml\n${own}`,
    'base.yaml': 'editor: { use: e, id: mine, range: { low: 3 }, others: [1, 2] }\n',
  })
const settledBy = async (own: string, set: readonly string[] = []) => {
  const root = files(own)
  const loaded = await loadConfig({ cwd: root, env: {}, set, plugins: { e } })
  const low = loaded.origins.at('editor.range.low')
  return { editor: loaded.config.editor, printable: loaded.printable.editor, low: low && formatOrigin(low, root) }
}

test('what a plugin has taken back is shown, recorded and handed over at its default', async () => {
  const editor = { use: 'e', id: 'mine', range: { low: 0, high: 2 }, others: [1, 2] }
  const expected = { editor, printable: editor, low: 'default of e' }
  expect(await settledBy('editor: { range: { high: 2 } }\n')).toEqual(expected)
  expect(await settledBy('', ['editor.range.high=2'])).toEqual(expected)
})

test('what it leaves is as it was said', async () => {
  expect(await settledBy('editor: { range: { high: 9 } }\n')).toMatchObject({
    editor: { range: { low: 3, high: 9 } },
    low: 'base.yaml:1:43',
  })
  // Said beside each other they are the plugin's to refuse.
  expect(await settledBy('editor: { range: { high: 2, low: 5 } }\n')).toMatchObject({
    editor: { range: { low: 5, high: 2 } },
  })
})

test('what it takes back and has no default is away', async () => {
  const { editor } = await settledBy('editor: { range: { high: 2 } }\n', [])
  expect(editor).toHaveProperty('range.high')
  const over = await loadConfig({
    cwd: project({
      'dda.config.yaml': 'extends: ./base.yaml\neditor: { range: { low: 5 } }\n',
      'base.yaml': 'editor: { use: e, range: { high: 2 } }\n',
    }),
    env: {},
    plugins: { e },
  })
  expect(over.config.editor).toEqual({ use: 'e', range: { low: 5 } })
})

test.each([
  [
    'throws',
    () => {
      throw new TypeError('no such key')
    },
    'no such key',
  ],
  ['returns nothing', () => undefined, 'its own schema refuses'],
  ['returns other options', () => ({ range: { low: 'much' } }), 'its own schema refuses'],
  ['returns a promise of them', (options: object) => Promise.resolve(options), 'returns a promise'],
  ['returns a promise that fails', () => Promise.reject(new Error('late')), 'returns a promise'],
])('a plugin that %s instead is named', async (_, settle, why) => {
  const broken = definePlugin({ ...e, settle: settle as never })
  const root = files('')
  const failed = loadConfig({ cwd: root, env: {}, plugins: { e: broken } })
  await expect(failed).rejects.toMatchObject({ message: expect.stringContaining(why) as string })
  await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('DDA_PLUGIN_SETTLE') as string })
})

test('what came from the environment stays as it was written, wherever it is put', async () => {
  const keyed = definePlugin({
    name: 'keyed',
    apiVersion: API_VERSION,
    options: Type.Object({ keys: Type.Array(Type.Object({ key: Type.String(), x: Type.Optional(Type.Number()) })) }),
    settle: ({ keys }) => ({ keys: keys.slice(1).map(({ key }) => ({ key })) }),
    setup: () => undefined,
  })
  const root = project({
    'dda.config.yaml': 'editor: { use: keyed, keys: [{ key: gone }, { key: "${env:WORD}", x: 1 }] }\n',
  })
  const loaded = await loadConfig({ cwd: root, env: { WORD: 'vermilion' }, plugins: { keyed } })
  expect(loaded.config.editor).toEqual({ use: 'keyed', keys: [{ key: 'vermilion' }] })
  expect(loaded.printable.editor).toEqual({ use: 'keyed', keys: [{ key: '${env:WORD}' }] })
})

test('what it returns is what is there: new keys too, and a map of which nothing is left was said by nobody', async () => {
  const open = definePlugin({
    name: 'open',
    apiVersion: API_VERSION,
    options: Type.Object({ weights: Type.Record(Type.String(), Type.Number()), more: Type.Optional(Type.Number()) }),
    settle: () => ({ weights: {}, more: 4 }),
    setup: () => undefined,
  })
  const root = project({ 'dda.config.yaml': 'editor: { use: open, weights: { a: 1 } }\n' })
  const { config, origins } = await loadConfig({ cwd: root, env: {}, plugins: { open } })
  expect(config.editor).toEqual({ use: 'open', weights: {}, more: 4 })
  expect(formatOrigin(origins.at('editor.weights')!, root)).toBe('default of open')
})

test('a preset that is applied more than once counts where it is applied last', async () => {
  const presets = {
    'base.yaml': 'editor: { use: e, range: { high: 2 } }\n',
    'left.yaml': 'extends: ./base.yaml\neditor: { range: { low: 3 } }\n',
    'right.yaml': 'extends: ./base.yaml\n',
  }
  const range = async (extended: string) => {
    const root = project({ ...presets, 'dda.config.yaml': `extends: ${extended}\n` })
    return (await loadConfig({ cwd: root, env: {}, plugins: { e } })).config.editor
  }
  // Below, high gives way to what left says above it; said again above left, it is low that does.
  expect(await range('[./base.yaml, ./left.yaml]')).toEqual({ use: 'e', range: { low: 3 } })
  expect(await range('[./left.yaml, ./right.yaml]')).toEqual({ use: 'e', range: { low: 0, high: 2 } })
})
