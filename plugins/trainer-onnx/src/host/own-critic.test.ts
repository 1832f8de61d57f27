import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan, Trainer, TrainingBatch } from '@dda-thinker/plugin-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OnnxTrainer } from './trainer.ts'
import { NEVER, planAll, tinyTrainer, tinyWorld, toBatch, type TinyWorld } from './tiny-world.fixture.ts'

const OWN = { critic: { kind: 'trunk', passes: 2 } } as const
const STREAMS = { streams: { mode: 'normalized', weights: { words: 1, red: 1 } } } as const

let world: TinyWorld
const open: Trainer[] = []

async function trainer(options: Parameters<typeof tinyTrainer>[1] = {}): Promise<OnnxTrainer> {
  const made = await tinyTrainer(world, options)
  open.push(made)
  return made
}

beforeAll(async () => {
  world = await tinyWorld()
})

afterAll(async () => {
  for (const made of open) await made.close?.()
  world.dispose()
})

/** What the picture and the first word decide: a critic can know it before the plan is written. */
const reward = (plan: Plan): number => (Number(plan.sampleId.at(-1)) % 2) + (plan.text.includes('red') ? 0.2 : 0)

async function batchOf(made: Trainer, number: number, perInput = 4): Promise<TrainingBatch> {
  const plans = await planAll(made.thinker, world.inputs, { perInput, seed: number })
  return toBatch(number, world.inputs, plans, reward)
}

async function step(made: Trainer, number: number, perInput = 4) {
  return made.update(await batchOf(made, number, perInput), { signal: NEVER })
}

/** In two streams of unlike scale. */
async function streamedStep(made: Trainer, number: number) {
  const batch = await batchOf(made, number)
  const rollouts = batch.rollouts.map((rollout) => {
    const [words, red] = [rollout.plan?.text.length ?? 0, rollout.reward?.total ?? 0]
    return { ...rollout, reward: { total: words + red, components: {}, items: [], extras: { words, red } } }
  })
  const streams = [
    { name: 'red', scopes: [] },
    { name: 'words', scopes: [] },
  ]
  return made.update({ ...batch, rollouts, streams }, { signal: NEVER })
}

async function saved(made: Trainer, name: string): Promise<string> {
  const folder = join(world.folder, name)
  mkdirSync(folder)
  await made.save(folder)
  return folder
}

const policyIn = (folder: string): Buffer => readFileSync(join(folder, 'policy.safetensors'))

test('it learns by passes of its own, which the policy does not feel', async () => {
  const options = { learningRate: 0, kl: { coefficient: 0 } }
  const made = await trainer({ ...options, critic: { ...OWN.critic, learningRate: 3e-3, passes: 4 } })
  expect((await planAll(made.thinker, world.inputs))[0]?.tokens).not.toHaveProperty('values')
  const before = policyIn(await saved(made, 'still-a'))
  const explained: number[] = []
  for (let i = 1; i <= 12; i++) explained.push((await step(made, i, 8)).metrics['value/explained-variance'] ?? NaN)
  expect(policyIn(await saved(made, 'still-b')).equals(before)).toBe(true)
  expect(explained[0]).toBeCloseTo(0, 6)
  expect(explained.at(-1)).toBeGreaterThan(0.6)
})

test('a step of the policy is the same however many passes the critic makes after it', async () => {
  const [few, many] = [await trainer(OWN), await trainer({ critic: { kind: 'trunk', passes: 5 } })]
  const { metrics } = await step(few, 1)
  expect(metrics).toMatchObject({ 'value/learning-rate': 3e-4 })
  await step(many, 1)
  expect(policyIn(await saved(few, 'few')).equals(policyIn(await saved(many, 'many')))).toBe(true)
})

test.each([
  ['one head', {}, step],
  ['a head a stream', STREAMS, streamedStep],
] as const)('save, load, step is step with %s; a critic of the other kind is refused', async (name, more, learn) => {
  const options = { ...OWN, ...more, epochs: 2, miniBatch: 8 }
  const [made, resumed, shared] = [await trainer(options), await trainer(options), await trainer(more)]
  await made.imitate?.(world.demonstrations, { signal: NEVER })
  await learn(made, 1)
  const folder = await saved(made, `resume ${name}`)
  await resumed.load(folder)
  const [a, b] = [await learn(made, 2), await learn(resumed, 2)]
  expect(b.metrics).toEqual(a.metrics)
  const [one, other] = [await saved(made, `a ${name}`), await saved(resumed, `b ${name}`)]
  for (const file of ['policy', 'critic', 'critic-adam-v']) {
    const read = (where: string): Buffer => readFileSync(join(where, `${file}.safetensors`))
    expect(read(one).equals(read(other)), file).toBe(true)
  }
  await expect(shared.load(folder)).rejects.toMatchObject({ code: 'DDA_CHECKPOINT_MISMATCH' })
  await expect(made.load(await saved(shared, `shared ${name}`))).rejects.toMatchObject({
    code: 'DDA_CHECKPOINT_MISMATCH',
  })
})

test('order and micro-batches change nothing', async () => {
  const [made, cut] = [
    await trainer({ ...OWN, miniBatch: 1000 }),
    await trainer({ ...OWN, miniBatch: 1000, microBatch: 4 }),
  ]
  const batch = await batchOf(made, 1)
  await made.update(batch, { signal: NEVER })
  await cut.update({ ...batch, rollouts: batch.rollouts.toReversed() }, { signal: NEVER })
  const [a, b] = [await step(made, 2), await step(cut, 2)]
  for (const [name, value] of Object.entries(a.metrics)) expect(b.metrics[name], name).toBeCloseTo(value, 3)
})

test('a cancelled update leaves the critic as it was', async () => {
  const made = await trainer(OWN)
  await step(made, 1)
  const before = readFileSync(join(await saved(made, 'whole'), 'critic.safetensors'))
  const batch = await batchOf(made, 2)
  await expect(made.update(batch, { signal: AbortSignal.abort() })).rejects.toThrow()
  expect(readFileSync(join(await saved(made, 'after'), 'critic.safetensors')).equals(before)).toBe(true)
})

test.each([
  [{ critic: { kind: 'head', passes: 2 } }, 'critic.passes'],
  [{ advantage: 'grpo', critic: { kind: 'trunk' } }, 'critic.kind'],
  [{ critic: { kind: 'trunk' }, valueCoefficient: 0.1 }, 'valueCoefficient'],
  [{ critic: { kind: 'trunk' }, rateFactors: { critic: 3 } }, 'rateFactors.critic'],
] as const)('%j is refused: it would have no effect', async (options, place) => {
  await expect(trainer(options)).rejects.toMatchObject({ code: 'DDA_CONFIG_INVALID', location: `trainer.${place}` })
})
