import { makeContext, makePng, MemoryImages, planAll, requestsFor } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { createTorchThinker } from './index.ts'
import { PROTOCOL, type Opened, type WirePlan } from './protocol.ts'
import type { Connect } from './torch-worker.ts'

/** In place of the Python process: writes the same text for whatever it is asked. */
function writing(text: string): Connect {
  const state = { policyVersion: 0, weights: 'w' }
  const opened: Opened = {
    ...state,
    model: { class: 'None', parameters: 0, trainable: 0, multimodal: true, vocabulary: 1, id: 'm' },
    device: 'none',
    dtype: 'none',
    memory: { line: '', peak: 0 },
  }
  const hello = { pid: 0, capabilities: { protocol: PROTOCOL } } as unknown as ReturnType<Connect>['hello']
  return (options) => {
    const connection = {
      hello,
      start: async () => options.prepare?.(connection as never),
      request: async (method: string, params: unknown, { onEvent }: { onEvent?: (event: unknown) => void } = {}) => {
        if (method === 'open') return { data: opened, files: [] }
        for (const { id } of (params as { requests: readonly { id: string }[] }).requests) {
          const trace = { ids: [1], logProbs: [-1], values: null, ends: [text.length] }
          onEvent?.({ ...state, id, text, ...trace, ended: true, reserved: 0 } satisfies WirePlan)
        }
        return { data: {}, files: [] }
      },
      close: () => Promise.resolve(),
    }
    return connection as unknown as ReturnType<Connect>
  }
}

test.each([
  ['<look>a</look><plan>Make x < y', 'Make x < y'],
  ['<look>a</look><plan>Make it red <b>bold</b>', 'Make it red <b>bold</b>'],
])('what the policy writes is read by the common grammar: %s', async (text, executable) => {
  const images = new MemoryImages()
  const picture = await images.put(makePng({ width: 8, height: 8, pixel: () => [200, 30, 30] }))
  const thinker = createTorchThinker({ model: 'none', python: process.execPath }, { connect: writing(text) })
  await thinker.open(makeContext({ images }))
  const plans = await planAll(thinker, requestsFor([{ id: 's', images: [picture], instruction: 'paint' }], 1, 1))
  expect([...plans.values()]).toMatchObject([
    { text, executable, reasoning: 'a', format: { ok: false, problem: '</plan> is missing' } },
  ])
  await thinker.close()
})
