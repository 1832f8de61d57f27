import assert from 'node:assert/strict'
import { type List, type Plugin, type PluginApi, type Slot, type TSchema } from '@dda-thinker/plugin-api'
import { MemoryLog } from './fakes/context.ts'
import { describe, problemsOf } from './plugin-tester.ts'

/**
 * Makes the role that a plugin fills a slot or a list with, as the engine would, for the `factory` of a suite.
 *
 * @param options Default: those that the plugin's schema gives
 * @throws AssertionError where the options are none of its, or it provides anything else, several of it, or nothing
 */
export function roleOf<T, S extends TSchema>(plugin: Plugin<S>, wanted: Slot<T> | List<T>, options: object = {}): T {
  const made: (() => T)[] = []
  const take = (slot: Slot<unknown> | List<unknown>, make: () => unknown): void => {
    assert.equal(slot.id, wanted.id, `${plugin.name} provides ${slot.id}`)
    assert.equal(slot.key, wanted.key, `${plugin.name} provides another slot of the key ${slot.id}`)
    made.push(make as () => T)
  }
  const api: PluginApi = {
    provide: take,
    contribute: take,
    tap() {},
    onDispose() {},
    resolvePath: (path) => path,
    runDir: undefined,
    log: new MemoryLog(),
  }
  const filled = structuredClone(options)
  assert.deepEqual(problemsOf(plugin.options, filled).map(describe), [], `options of ${plugin.name}`)
  plugin.setup(api, filled as Parameters<typeof plugin.setup>[1])
  const [make] = made
  assert.ok(make !== undefined && made.length === 1, `${plugin.name} provides ${made.length} of ${wanted.id}`)
  return make()
}
