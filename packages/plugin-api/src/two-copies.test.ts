import { expect, test, vi } from 'vitest'
import * as first from './index.ts'

/** The package once more, as when a plugin brings its own. */
async function anotherCopy(): Promise<typeof first> {
  vi.resetModules()
  return import('./index.ts')
}

test('an error, a plugin and a set of plugins of one copy of this package are known to another', async () => {
  const second = await anotherCopy()
  expect(second.DdaError).not.toBe(first.DdaError)
  const error = new second.DdaError('DDA_TEST', 'no', { kind: 'timeout', next: 'Wait.' })
  expect(error).not.toBeInstanceOf(first.DdaError)
  expect(first.isDdaError(error)).toBe(true)
  expect(first.isDdaError(Object.assign(new Error('no'), { code: 'DDA_TEST' }))).toBe(false)
  const definition = { name: 'x', apiVersion: 1, options: second.Type.Object({}), setup: () => undefined }
  const plugin = second.definePlugin(definition)
  expect([first.isPlugin(plugin), first.isPluginSet(plugin)]).toEqual([true, false])
  const set = second.definePluginSet({ editor: plugin })
  expect([first.isPlugin(set), first.isPluginSet(set)]).toEqual([false, true])
  expect([definition, undefined, null, 'x'].map(first.isPlugin)).toEqual([false, false, false, false])
})

test('slots and lists of two copies are the same ones', async () => {
  const second = await anotherCopy()
  expect(second.EDITOR).not.toBe(first.EDITOR)
  const { THINKER, EDITOR, REWARD, TRAINER, SYNTHESIZERS, CURATORS, JUDGES, BENCHMARKS } = first
  expect([THINKER, EDITOR, REWARD, TRAINER, SYNTHESIZERS, CURATORS, JUDGES, BENCHMARKS].map(({ key }) => key)).toEqual(
    [
      second.THINKER,
      second.EDITOR,
      second.REWARD,
      second.TRAINER,
      second.SYNTHESIZERS,
      second.CURATORS,
      second.JUDGES,
      second.BENCHMARKS,
    ].map(({ key }) => key),
  )
})
