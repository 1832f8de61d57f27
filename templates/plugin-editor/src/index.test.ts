import type { ImageStore } from '@dda-thinker/plugin-api'
import { editorSuite, makeContext, makePng, testPluginOptions } from '@dda-thinker/testkit'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import plugin, { createEditor } from './index.ts'

const grey = (images: ImageStore) => images.put(makePng({ width: 8, height: 8, pixel: () => [100, 100, 100] }))

editorSuite({
  test,
  factory: () => createEditor(0.5),
  requests: async (images) => [
    { images: [await grey(images)], plan: 'make it brighter', seed: 1 },
    { images: [await grey(images)], plan: 'do something else', seed: 2 },
  ],
})

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { strength: 2 } }],
  invalid: [{ options: { strength: 0 }, code: 'DDA_CONFIG_INVALID', at: 'strength' }],
})

test('brighter is brighter', async () => {
  const context = makeContext()
  const editor = createEditor(0.5)
  await editor.open?.(context)
  const request = { images: [await grey(context.images)], plan: 'Make it brighter.', seed: 1 }
  const { bytes } = await editor.edit(request, { signal: context.signal })
  const { channels } = await sharp(bytes).stats()
  expect(channels[0]?.mean).toBeGreaterThan(100)
})
