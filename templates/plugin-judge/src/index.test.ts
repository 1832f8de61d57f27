import type { ImageStore, VisualRequest } from '@dda-thinker/plugin-api'
import { judgeSuite, makeItem, makePng, testPluginOptions } from '@dda-thinker/testkit'
import { test } from 'vitest'
import plugin, { createJudge } from './index.ts'

const grey = (images: ImageStore, value: number) =>
  images.put(makePng({ width: 8, height: 8, pixel: () => [value, value, value] }))

// A case is a request with the answers that are known to be right: the suite holds the judge to them.
async function visual(images: ImageStore, before: number, after: number): Promise<VisualRequest> {
  const items = ['a', 'b'].map((id) => makeItem(id, 'visual', { check: { kind: 'brightness' } }))
  return { scope: 'visual', source: [await grey(images, before)], edited: await grey(images, after), items }
}

judgeSuite({
  test,
  factory: () => createJudge(10),
  cases: async (images) => [
    { request: await visual(images, 50, 90), answers: { a: 'yes', b: 'yes' } },
    { request: await visual(images, 90, 50), answers: { a: 'no', b: 'no' } },
  ],
})

testPluginOptions(test, plugin, {
  valid: [{ options: {} }, { options: { margin: 0 } }],
  invalid: [{ options: { margin: -1 }, code: 'DDA_CONFIG_INVALID', at: 'margin' }],
})
