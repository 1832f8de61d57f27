import { expect, test } from 'vitest'
import { policyConfig } from '../policy/config.ts'
import { initialWeights } from '../policy/parameters.ts'
import { Engine } from './engine.ts'
import { completeTrainerOptions, learnerSettings } from './options.ts'
import type { SampleRow } from '../protocol/plan-rows.ts'
import { TINY_POLICY } from './tiny-world.fixture.ts'

const config = policyConfig({ size: 40, emittable: 37 }, TINY_POLICY)
const settings = learnerSettings(completeTrainerOptions({ microBatch: 8 }), config, 1)

test('calls are answered in order, failures keep their code, and the thread survives them', async () => {
  const engine = await Engine.start(settings, initialWeights(config, 1))
  const row: SampleRow = { image: -1, prompt: [1, 2], temperature: 1, seed: 3 }
  const [first, broken, second] = await Promise.allSettled([
    engine.call('sample', { images: [], rows: [row] }),
    engine.call('sample', { images: [], rows: [{ ...row, prompt: [999_999] }] }),
    engine.call('sample', { images: [], rows: [row] }),
  ])
  expect(first.status).toBe('fulfilled')
  expect(broken).toMatchObject({ status: 'rejected', reason: { code: 'DDA_RUN' } })
  expect(second).toEqual(first)
  const uncloneable = { images: [], rows: [{ ...row, prompt: (() => []) as unknown as number[] }] }
  await expect(engine.call('sample', uncloneable)).rejects.toMatchObject({ code: 'DDA_TRAINER_WORKER' })
  await engine.stop()
  await expect(engine.call('snapshot', null)).rejects.toMatchObject({ code: 'DDA_TRAINER_WORKER' })
})

test('a worker that cannot start says why', async () => {
  const wrong = { ...settings, config: { ...config, width: 0 } }
  const engine = await Engine.start(wrong, initialWeights(config, 1))
  const row: SampleRow = { image: -1, prompt: [1], temperature: 1, seed: 3 }
  const sampled = engine.call('sample', { images: [], rows: [row] })
  await expect(sampled).rejects.toMatchObject({ code: expect.stringMatching(/^DDA_/) as string })
  await engine.stop()
})
