import { Worker } from 'node:worker_threads'
import { launchThread } from '@dda-thinker/onnx-graph'
import { afterAll, expect, test } from 'vitest'
import { policyConfig } from '../policy/config.ts'
import { initialWeights, parameterCount } from '../policy/parameters.ts'
import { patchCount, patchLength } from '../policy/patches.ts'
import { completeTrainerOptions, learnerSettings, type PartialTrainerOptions } from '../host/options.ts'
import { TINY_POLICY } from '../host/tiny-world.fixture.ts'
import type { PlanRow, SampleRow, UpdateRow } from '../protocol/plan-rows.ts'
import { Learner } from './learner.ts'
import { ReplicaPool } from './replica-pool.ts'
import { weightArrays } from './weight-arrays.ts'

const config = policyConfig({ size: 40, emittable: 37 }, { ...TINY_POLICY, layers: 2 })
const open: { close(): Promise<void> }[] = []

afterAll(async () => {
  for (const made of open) await made.close()
})

function settingsOf(options: PartialTrainerOptions) {
  return learnerSettings(
    completeTrainerOptions({ microBatch: 4, miniBatch: 12, learningRate: 1e-2, ...options }),
    config,
    1,
  )
}

function learner(options: PartialTrainerOptions): Learner {
  const made = new Learner(
    settingsOf(options),
    initialWeights(config, 5).map((w, i) => w + 0.02 * Math.sin(i)),
  )
  open.push(made)
  return made
}

const size = patchCount(config.image) * patchLength(config.image)
const images = [0, 1, 2].map((k) => Uint8Array.from({ length: size }, (_, i) => (i * 37 + k * 91) % 256))
const rows = Array.from({ length: 24 }, (_, i): SampleRow => {
  const prompt = Array.from({ length: 2 + (i % 4) }, (_, t) => (t * 7 + (i % 4) * 5) % 37)
  return { image: (i % 4) - 1, prompt, temperature: 1, seed: i }
})

/** What a training of two kinds gives: plans, metrics, and the state. */
async function train(options: PartialTrainerOptions) {
  const made = learner(options)
  const seen: unknown[] = []
  for (let step = 0; step < 2; step++) {
    const plans = await made.sample(images, rows)
    const taught = rows.map((row, i): UpdateRow => {
      const { tokens, logProbs, values } = plans[i]!
      const rewards = tokens.map((token) => (token % 3) / 3)
      return { ...row, tokens, logProbs, values, age: 0, group: String(i % 4), rewards, streams: [] }
    })
    seen.push(plans, await made.update({ images, rows: taught, streams: undefined }, () => false))
    seen.push(await made.score(images, taught), await made.score(images, taught, 'reference'))
  }
  const labelled = rows.map((row): PlanRow => ({ ...row, tokens: [3, 1, 4, 0] }))
  seen.push(await made.imitate(images, labelled, () => false))
  return { seen, snapshot: made.snapshot(), id: made.weightsId }
}

test.each<readonly [number, string, PartialTrainerOptions]>([
  [3, 'a critic on the trunk', { kl: { place: 'loss' } }],
  [2, 'a critic of its own', { critic: { kind: 'trunk', passes: 2 } }],
])('%s workers give the same bits as one: %s', async (workers, _, options) => {
  expect(await train({ ...options, workers })).toEqual(await train({ ...options, workers: 1 }))
})

/** A pool whose threads the test can end. */
function pool(workers: number) {
  const threads: Worker[] = []
  const theta = weightArrays(true)(parameterCount(config))
  theta.set(initialWeights(config, 5))
  const made = new ReplicaPool(settingsOf({ workers }), { policy: theta, reference: theta }, () => {
    const thread = launchThread(import.meta.url, './replica-thread')
    threads.push(thread)
    return thread
  })
  open.push(made)
  return { made, threads }
}

const job = (seed: number) => ({ images, rows: rows.slice(0, 4).map((row) => ({ ...row, seed })) })

test('threads begin when there is work for them', async () => {
  const { made, threads } = pool(3)
  expect(threads).toHaveLength(0)
  await made.sample(job(1))
  await made.sample(job(2))
  expect(threads).toHaveLength(1)
  await Promise.all(Array.from({ length: 8 }, (_, seed) => made.sample(job(seed))))
  expect(threads).toHaveLength(3)
})

test.each([0, 1])('a thread that ends fails what was asked for, with a code, and nothing hangs: %s', async (which) => {
  const { made, threads } = pool(2)
  await Promise.all([made.sample(job(1)), made.sample(job(2))])
  void threads[which]?.terminate()
  const asked = Array.from({ length: 12 }, (_, seed) => made.sample(job(seed)))
  const codes = (await Promise.allSettled(asked)).flatMap((one) =>
    one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
  )
  expect(codes.length).toBeGreaterThan(0)
  expect(new Set(codes)).toEqual(new Set(['DDA_TRAINER_WORKER']))
  await expect(made.sample(job(1))).rejects.toMatchObject({ code: 'DDA_TRAINER_WORKER' })
  await made.close()
})

test('a thread that cannot start is no hang either', async () => {
  const made = new ReplicaPool(
    settingsOf({ workers: 2 }),
    {},
    () => new Worker('throw new Error("no")', { eval: true }),
  )
  open.push(made)
  await expect(made.sample(job(1))).rejects.toMatchObject({
    code: 'DDA_TRAINER_WORKER',
    next: expect.stringContaining('resume') as string,
  })
})

test('an error of the runtime keeps its code, and the thread goes on', async () => {
  const { made } = pool(1)
  const good = await made.sample(job(1))
  const bad = { images, rows: [{ ...rows[0]!, prompt: [999_999] }] }
  await expect(made.sample(bad)).rejects.toMatchObject({ code: 'DDA_RUN' })
  expect(await made.sample(job(1))).toEqual(good)
})

test('a cancelled update leaves the state as it was, with workers as without', async () => {
  const made = learner({ workers: 2 })
  const before = made.snapshot()
  const taught = (await made.sample(images, rows)).map(({ tokens, logProbs, values }, i): UpdateRow => {
    const rewards = tokens.map((token) => token)
    return { ...rows[i]!, tokens, logProbs, values, age: 0, group: 'g', rewards, streams: [] }
  })
  let asked = 0
  const update = made.update({ images, rows: taught, streams: undefined }, () => ++asked > 4)
  await expect(update).rejects.toMatchObject({ code: 'DDA_ABORTED' })
  expect(made.snapshot()).toEqual(before)
})
