import { encodePng } from '@dda-thinker/pictures'
import { EDITOR, type ImageStore } from '@dda-thinker/plugin-api'
import { drawScene, openWorld, randomScene } from '@dda-thinker/tabletop-world'
import { editorSuite, roleOf, testPluginOptions } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { editorPlugin } from './editor.ts'

const SOUND = { jitter: 1, missRate: 0, longPlanMissRate: 0, longPlan: 4, damageRate: 0 }

const editorOf = (changes: Partial<typeof SOUND>) => roleOf(editorPlugin, EDITOR, { ...SOUND, ...changes })

async function requests(images: ImageStore) {
  const world = await openWorld()
  const store = async (seed: number) => [await images.put(encodePng(drawScene(world, randomScene(seed))))]
  return [
    { images: await store(1), plan: 'add an apple at the middle; add a cup at the far left', seed: 1 },
    { images: await store(2), plan: 'add some rusty scissors at the back right', seed: 2 },
    { images: await store(3), plan: 'what happens after a week of rain?', seed: 3 },
  ]
}

editorSuite({ test, factory: () => editorOf({ jitter: 1, missRate: 0 }), requests })

testPluginOptions(test, editorPlugin, {
  valid: [
    { options: {} },
    { options: { jitter: 0, missRate: 0.25 } },
    { options: { longPlanMissRate: 0.5, longPlan: 3, damageRate: 0.1 } },
  ],
  invalid: [
    { options: { jitter: 9 }, code: 'DDA_CONFIG_INVALID', at: 'jitter' },
    { options: { missRate: -0.1 }, code: 'DDA_CONFIG_INVALID', at: 'missRate' },
    { options: { damageRate: 2 }, code: 'DDA_CONFIG_INVALID', at: 'damageRate' },
    { options: { longPlan: 1 }, code: 'DDA_CONFIG_INVALID', at: 'longPlan' },
    { options: { missrate: 0.1 }, code: 'DDA_CONFIG_INVALID', at: 'missrate' },
  ],
})

test('it declares itself bitwise repeatable, with everything that changes its pictures in the fingerprint', () => {
  const editor = editorOf({ jitter: 1, missRate: 0 })
  expect(editor.supports).toMatchObject({ determinism: 'bitwise', maxImages: 1 })
  const changes = [
    { jitter: 2 },
    { missRate: 0.5 },
    { longPlanMissRate: 0.5 },
    { longPlanMissRate: 0.5, longPlan: 3 },
    { damageRate: 0.5 },
  ]
  const prints = [editor, ...changes.map(editorOf)]
  expect(new Set(prints.map((one) => one.fingerprint)).size).toBe(changes.length + 1)
  // What is cached from before there were such settings is still its own.
  expect(editor.fingerprint).toBe('tabletop-editor/1 jitter=1 missRate=0')
})
