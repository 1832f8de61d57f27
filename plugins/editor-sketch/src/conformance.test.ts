import { encodePng } from '@dda-thinker/pictures'
import { EDITOR, type ImageStore } from '@dda-thinker/plugin-api'
import { drawScene, openWorld, randomScene } from '@dda-thinker/tabletop-world'
import { editorSuite, roleOf, testPluginOptions } from '@dda-thinker/testkit'
import { test } from 'vitest'
import plugin from './index.ts'

const factory = () => roleOf(plugin, EDITOR, { jitter: 3, missRate: 0.08, attention: 2 })

async function requests(images: ImageStore) {
  const world = await openWorld()
  const store = async (seed: number) => [await images.put(encodePng(drawScene(world, randomScene(seed))))]
  return [
    { images: await store(1), plan: 'add an apple at the middle; add a cup at the far left', seed: 1 },
    { images: await store(2), plan: 'add some rusty scissors at the back right', seed: 2 },
    { images: await store(3), plan: 'what happens after a week of rain?', seed: 3 },
  ]
}

editorSuite({ test, factory, requests })

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { jitter: 0, missRate: 0, attention: 16 } }],
  invalid: [
    { options: { jitter: -1 }, code: 'DDA_CONFIG_INVALID', at: 'jitter' },
    { options: { missRate: 1.5 }, code: 'DDA_CONFIG_INVALID', at: 'missRate' },
    { options: { attention: 0 }, code: 'DDA_CONFIG_INVALID', at: 'attention' },
    { options: { atention: 2 }, code: 'DDA_CONFIG_INVALID', at: 'atention' },
  ],
})
