import { API_VERSION, definePlugin, EDITOR, type Editor, type PluginApi, REWARD, Type } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { roleOf } from './role-of.ts'

const editor = (fingerprint: string): Editor => ({
  fingerprint,
  supports: { determinism: 'bitwise', concurrency: 1, maxImages: 1 },
  edit: () => Promise.reject(new Error('nobody edits')),
})

const plugin = (setup: (api: PluginApi, options: { readonly size: number }) => void) =>
  definePlugin({
    name: 'made',
    apiVersion: API_VERSION,
    options: Type.Object({ size: Type.Number({ default: 3 }) }, { additionalProperties: false }),
    setup,
  })

test('gives the role, by the defaults of its options and what is given', () => {
  const sized = plugin((api, { size }) => api.provide(EDITOR, () => editor(`size ${size}`)))
  expect(roleOf(sized, EDITOR).fingerprint).toBe('size 3')
  expect(roleOf(sized, EDITOR, { size: 4 }).fingerprint).toBe('size 4')
})

test('refuses a plugin that provides something else, nothing, or one thing twice', () => {
  const provide = (api: PluginApi) => api.provide(EDITOR, () => editor('one'))
  const other = plugin((api) => {
    provide(api)
    api.provide(REWARD, () => ({
      fingerprint: 'r',
      decompose: () => ({ total: 0, components: {}, items: [], extras: {} }),
    }))
  })
  expect(() => roleOf(other, EDITOR)).toThrow('provides reward')
  expect(() =>
    roleOf(
      plugin(() => undefined),
      EDITOR,
    ),
  ).toThrow('provides 0 of editor')
  expect(() =>
    roleOf(
      plugin((api) => [provide(api), provide(api)]),
      EDITOR,
    ),
  ).toThrow('provides 2 of editor')
})
