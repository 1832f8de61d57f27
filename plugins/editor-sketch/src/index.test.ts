import { encodePng } from '@dda-thinker/pictures'
import { EDITOR, type ImageRef, type ImageStore, isPlugin } from '@dda-thinker/plugin-api'
import { CANVAS, drawScene, hashOf, openWorld, randomScene, see, seePng } from '@dda-thinker/tabletop-world'
import { roleOf } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import plugin, { pencil } from './index.ts'

const world = await openWorld()
const signal = new AbortController().signal
const log = { debug() {}, info() {}, warn() {} }

/** Runs the plugin's setup and opens what it provides, over a store in memory. */
async function editorOf(options: { jitter: number; missRate: number; attention: number }) {
  const made = roleOf(plugin, EDITOR, options)
  const blobs = new Map<string, Uint8Array>()
  const images: ImageStore = {
    get: async ({ hash }) => blobs.get(hash) ?? new Uint8Array(),
    async put(bytes) {
      const hash = hashOf(bytes)
      blobs.set(hash, bytes)
      return { hash, mediaType: 'image/png', ...CANVAS } satisfies ImageRef
    },
  }
  await made.open?.({ images, signal, log, seed: 0 })
  return { editor: made, images }
}

function alpha(data: Float32Array): Float32Array {
  return data.filter((_, i) => i % 4 === 3)
}

const SCENE = {
  background: 'mint',
  objects: [
    { kind: 'cup', column: 0, row: 'front', size: 'large', dx: 0, dy: 0 },
    { kind: 'rose', column: 2, row: 'back', size: 'large', dx: 0, dy: 0 },
    { kind: 'hammer', column: 4, row: 'front', size: 'medium', dx: 0, dy: 0 },
  ],
} as const

test('it is a plugin that names itself as its package', () => {
  expect(isPlugin(plugin)).toBe(true)
  expect(plugin.name).toBe('editor-sketch')
})

test('it does the first edits of a plan and forgets the rest', async () => {
  const { editor, images } = await editorOf({ jitter: 3, missRate: 0, attention: 2 })
  const source = await images.put(encodePng(drawScene(world, SCENE)))
  const plan = 'turn the cup cracked; turn the rose wilted; turn the hammer rusty'
  const { bytes, notes } = await editor.edit({ images: [source], plan, seed: 9 }, { signal })
  expect((await seePng(bytes)).objects.map(({ kind, state }) => [kind, state])).toEqual([
    ['cup', 'cracked'],
    ['rose', 'wilted'],
    ['hammer', undefined],
  ])
  expect(notes?.join()).toContain('only the first 2 edits')
})

test('it overlooks edits at its rate', async () => {
  const { editor, images } = await editorOf({ jitter: 3, missRate: 1, attention: 2 })
  const source = await images.put(encodePng(drawScene(world, SCENE)))
  const { notes } = await editor.edit({ images: [source], plan: 'remove the cup', seed: 9 }, { signal })
  expect(notes).toEqual(['Not done: remove the cup: it was overlooked.'])
})

test('options are part of the fingerprint', async () => {
  const steady = await editorOf({ jitter: 0, missRate: 0, attention: 2 })
  const shaky = await editorOf({ jitter: 5, missRate: 0, attention: 2 })
  expect(steady.editor.fingerprint).not.toBe(shaky.editor.fingerprint)
})

test('its drawings look different and keep their outline', () => {
  const sprite = world.sprite('apple', undefined, 'large')
  const drawn = pencil(sprite)
  expect(alpha(drawn.data)).toEqual(alpha(sprite.data))
  expect(drawn.data).not.toEqual(sprite.data)
})

test('at least 97 % of its drawings are named right in every respect', () => {
  let things = 0
  let right = 0
  for (let seed = 1; seed <= 60; seed++) {
    const scene = randomScene(seed)
    const { objects } = see(world, drawScene(world, scene, pencil))
    for (const { kind, state, column, row, size } of scene.objects) {
      things++
      const seen = objects.find((one) => one.column === column && one.row === row)
      right += Number(seen?.kind === kind && seen.state === state && seen.size === size)
    }
  }
  expect(right / things).toBeGreaterThanOrEqual(0.97)
})
