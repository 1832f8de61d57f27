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
  ['returns a promise of them', (options: object) => Promise.resolve(options), 'could not be cloned'],
])('a plugin that %s instead is named', async (_, settle, why) => {
  const broken = definePlugin({ ...e, settle: settle as never })
  const root = files('')
  const failed = loadConfig({ cwd: root, env: {}, plugins: { e: broken } })
  await expect(failed).rejects.toMatchObject({ message: expect.stringContaining(why) as string })
  await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('DDA_PLUGIN_SETTLE') as string })
})
