import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Plan, Trainer } from '@dda-thinker/plugin-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OnnxSession } from '@dda-thinker/onnx-graph'
import { Tokenizer } from '../policy/tokenizer.ts'
import { Encoder } from './encoder.ts'
import { completeThinkerOptions, completeTrainerOptions, learnerSettings } from './options.ts'
import { PolicySource } from './policy-source.ts'
import { FrozenThinker } from './frozen-thinker.ts'
import { prefixFeeds } from '../worker/rows.ts'
import { createOnnxTrainer, type OnnxTrainer } from './trainer.ts'
import { NEVER, planAll, TINY_POLICY, tinyTrainer, tinyWorld, toBatch, type TinyWorld } from './tiny-world.fixture.ts'

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

/** Share of the tokens that are the word `red`. */
const redness = (plan: Plan): number => (plan.text.match(/\bred\b/g)?.length ?? 0) / 11

async function step(made: Trainer, number: number, perInput = 4) {
  const plans = await planAll(made.thinker, world.inputs, { perInput, seed: number })
  return made.update(toBatch(number, world.inputs, plans, redness), { signal: NEVER })
}

async function weights(made: Trainer, name: string): Promise<Buffer> {
  const folder = join(world.folder, name)
  mkdirSync(folder)
  await made.save(folder)
  return readFileSync(join(folder, 'policy.safetensors'))
}

test('plans carry a trace that fits their text', async () => {
  const made = await trainer()
  const plans = await planAll(made.thinker, world.inputs)
  expect(plans).toHaveLength(8)
  for (const plan of plans) {
    const trace = plan.tokens
    expect(trace?.ids.length).toBeGreaterThan(0)
    expect(trace?.ends.at(-1)).toBe(plan.text.length)
    expect(plan.text).toContain(plan.executable)
    expect(trace?.logProbs.every((logProb) => logProb < 0)).toBe(true)
  }
})

test('imitation learns eight demonstrations by heart', async () => {
  const made = await trainer({ imitation: { learningRate: 1e-2 } })
  let loss = Infinity
  for (let i = 0; i < 80; i++) {
    loss = (await made.imitate?.(world.demonstrations, { signal: NEVER }))?.metrics['imitation/loss'] ?? NaN
  }
  expect(loss).toBeLessThan(0.05)
  const plans = await planAll(made.thinker, world.inputs, { temperature: 0 })
  expect(plans.map((plan) => plan.text)).toEqual(world.demonstrations.map(({ text }) => text))
  expect(plans.every((plan) => plan.format.ok)).toBe(true)
})

test('PPO learns to write one word', async () => {
  const made = await trainer({ learningRate: 1e-2, kl: { coefficient: 0 } })
  let last = 0
  for (let i = 1; i <= 25; i++) last = (await step(made, i, 8)).metrics['reward/mean'] ?? NaN
  expect(last).toBeGreaterThan(0.6)
})

test('the same seed gives the same bits, another seed others', async () => {
  const [first, second] = [await trainer(), await trainer()]
  for (const made of [first, second]) {
    await step(made, 1)
    await step(made, 2)
  }
  const bits = await weights(first, 'same-a')
  expect(bits.equals(await weights(second, 'same-b'))).toBe(true)
  const third = await tinyTrainer({ ...world, context: { ...world.context, seed: 8 } })
  open.push(third)
  await step(third, 1)
  await step(third, 2)
  expect(bits.equals(await weights(third, 'same-c'))).toBe(false)
})

test('save, load, step is step', async () => {
  const made = await trainer({ kl: { target: 0.01, horizon: 100 } })
  await made.imitate?.(world.demonstrations, { signal: NEVER })
  const early = made.thinker.fingerprint
  await step(made, 1)
  expect(made.thinker.fingerprint).not.toBe(early)
  const folder = join(world.folder, 'resume')
  mkdirSync(folder)
  await made.save(folder)
  const resumed = await trainer({ kl: { target: 0.01, horizon: 100 } })
  await resumed.load(folder)
  expect(resumed.policyVersion).toBe(made.policyVersion)
  expect(resumed.thinker.fingerprint).toBe(made.thinker.fingerprint)
  const [a, b] = [await step(made, 2), await step(resumed, 2)]
  expect(b.metrics).toEqual(a.metrics)
  expect((await weights(made, 'resume-a')).equals(await weights(resumed, 'resume-b'))).toBe(true)
})

test('neither the order of rollouts nor masked ones change the update', async () => {
  const [first, second] = [await trainer(), await trainer()]
  const plans = await planAll(first.thinker, world.inputs, { perInput: 4 })
  const batch = toBatch(1, world.inputs, plans, redness)
  const masked = {
    ...batch.rollouts[0]!,
    id: 'broken',
    reward: { total: NaN, components: {}, items: [], extras: {} },
    outcome: { kind: 'masked', failure: { kind: 'timeout', stage: 'edit', code: 'DDA_EDITOR_TIMEOUT', message: '' } },
  } as const
  const a = await first.update(batch, { signal: NEVER })
  const rollouts = [masked, ...batch.rollouts.toReversed()]
  const b = await second.update({ ...batch, rollouts }, { signal: NEVER })
  expect(b.metrics).toEqual(a.metrics)
})

test('a plan does not depend on who shares its batch', async () => {
  const made = await trainer()
  const together = await planAll(made.thinker, world.inputs)
  const [alone] = await planAll(made.thinker, world.inputs.slice(0, 1))
  expect(alone).toEqual(together[0])
})

test('a reward that is not a number is refused with the sample', async () => {
  const made = await trainer()
  const plans = await planAll(made.thinker, world.inputs)
  const batch = toBatch(1, world.inputs, plans, (plan) => (plan.sampleId === 'sample-3' ? NaN : 1))
  const refused = made.update(batch, { signal: NEVER })
  await expect(refused).rejects.toMatchObject({ code: 'DDA_REWARD_NOT_FINITE', sampleId: 'sample-3' })
  expect(made.policyVersion).toBe(0)
})

test('plans without tokens or of a policy yet to come are stale; those of an older one are learned from', async () => {
  const made = await trainer()
  const plans = await planAll(made.thinker, world.inputs)
  const batch = toBatch(1, world.inputs, plans, redness)
  const bare = plans.map(({ tokens, ...plan }) => {
    expect(tokens).toBeDefined()
    return plan
  })
  const untraced = made.update(toBatch(1, world.inputs, bare, redness), { signal: NEVER })
  await expect(untraced).rejects.toMatchObject({ code: 'DDA_TRAINER_STALE' })
  await made.update(batch, { signal: NEVER })
  expect(await made.update({ ...batch, step: 2 }, { signal: NEVER })).toMatchObject({ policyVersion: 2 })
  const ahead = plans.map((plan) => ({ ...plan, policyVersion: 3 }))
  const early = made.update(toBatch(3, world.inputs, ahead, redness), { signal: NEVER })
  await expect(early).rejects.toMatchObject({ code: 'DDA_TRAINER_STALE' })
  expect(made.policyVersion).toBe(2)
})

test('a corrupt checkpoint is refused and changes nothing', async () => {
  const made = await trainer()
  const folder = join(world.folder, 'corrupt')
  mkdirSync(folder)
  await made.save(folder)
  await step(made, 1)
  const before = await weights(made, 'corrupt-before')
  const path = join(folder, 'adam-m.safetensors')
  const bytes = readFileSync(path)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  writeFileSync(path, bytes)
  await expect(made.load(folder)).rejects.toMatchObject({ code: 'DDA_CHECKPOINT_CORRUPT' })
  expect(made.policyVersion).toBe(1)
  expect(before.equals(await weights(made, 'corrupt-after'))).toBe(true)
})

test('a checkpoint of a version that counts other things is refused with a way on, and changes nothing', async () => {
  const made = await trainer()
  const folder = join(world.folder, 'uncounted')
  mkdirSync(folder)
  await made.save(folder)
  await step(made, 1)
  const path = join(folder, 'manifest.json')
  const { counters, ...manifest } = JSON.parse(readFileSync(path, 'utf8')) as { counters: Record<string, unknown> }
  const { optimizerSteps: _uncounted, ...rest } = counters
  writeFileSync(path, JSON.stringify({ ...manifest, counters: rest }))
  await expect(made.load(folder)).rejects.toMatchObject({
    code: 'DDA_CHECKPOINT_MISMATCH',
    message: expect.stringContaining('optimizerSteps'),
    next: expect.stringContaining('version that made it'),
  })
  expect(made.policyVersion).toBe(1)
})

test('a cancelled update leaves the policy as it was', async () => {
  const made = await trainer()
  const before = await weights(made, 'cancel-before')
  const plans = await planAll(made.thinker, world.inputs)
  const signal = AbortSignal.abort()
  const update = made.update(toBatch(1, world.inputs, plans, redness), { signal })
  await expect(update).rejects.toMatchObject({ code: 'DDA_ABORTED' })
  expect(before.equals(await weights(made, 'cancel-after'))).toBe(true)
})

test('errors of the worker keep their code', async () => {
  const made = tinyTrainer(world, { provider: 'nonsense' })
  const thinker = (await made).thinker
  await expect(planAll(thinker, world.inputs)).rejects.toMatchObject({ code: 'DDA_PROVIDER_UNAVAILABLE' })
  await (await made).close?.()
  await expect(planAll(thinker, world.inputs)).rejects.toMatchObject({ code: 'DDA_ROLE_CLOSED' })
})

test('an exported policy plans the same: as a frozen Thinker, and as plain ONNX', async () => {
  const made = await trainer()
  await made.imitate?.(world.demonstrations, { signal: NEVER })
  const [plan] = await planAll(made.thinker, world.inputs.slice(0, 1), { temperature: 0 })
  const folder = join(world.folder, 'export')
  const files = (await made.export?.(folder)) ?? []
  expect(files.map((file) => basename(file)).toSorted()).toEqual([
    'README.md',
    'config.json',
    'policy.safetensors',
    'sample.onnx',
    'score.onnx',
    'vocabulary.json',
  ])

  const options = completeThinkerOptions({ weights: folder, microBatch: 4, threads: 1, policy: TINY_POLICY })
  const source = new PolicySource(options, (path) => path)
  const settings = (seed: number) => learnerSettings(completeTrainerOptions(options), source.config, seed)
  const frozen = new FrozenThinker(source, settings, (weights) => `frozen:${weights}`, 1)
  await frozen.open?.(world.context)
  const [copy] = await planAll(frozen, world.inputs.slice(0, 1), { temperature: 0 })
  await frozen.close?.()
  expect(copy).toMatchObject({
    text: plan?.text,
    policyVersion: 0,
    thinker: expect.stringMatching(/^frozen:/) as string,
  })

  const session = await OnnxSession.create(readFileSync(join(folder, 'sample.onnx')))
  const encoded = await new Encoder(source.config, new Tokenizer(source.vocabulary), world.context.images).input(
    world.inputs[0]!,
  )
  const row = { image: 0, prompt: encoded.prompt, temperature: 0 }
  const bucket = { prefixes: 1, prompt: TINY_POLICY.maxPrompt }
  const { tokens } = await session.run({
    ...prefixFeeds(source.config, bucket, [row], [encoded.image!]),
    inverseTemperature: Float32Array.of(1),
    uniforms: new Float32Array(TINY_POLICY.maxPlan),
    greedy: Uint8Array.of(1),
    active: Uint8Array.of(1),
  })
  await session.release()
  expect(Array.from((tokens?.data ?? []) as Int32Array)).toEqual(plan?.tokens?.ids)
})

test('the encoder learns by itself what pictures show', async () => {
  const made = await trainer()
  const pictures = world.inputs.slice(0, 4).map(({ images: [image] }, i) => ({
    image: image!,
    cells: [`colour ${i}`, `colour ${i}`],
  }))
  let accuracy = 0
  for (let i = 0; i < 40; i++) accuracy = (await made.pretrain(pictures, 2e-2)).accuracy
  expect(accuracy).toBe(1)
  const short = [{ image: pictures[0]!.image, cells: ['one'] }]
  await expect(made.pretrain(short, 1e-2)).rejects.toMatchObject({ code: 'DDA_TRAINER_INPUT' })
})

test('missing base weights name the command that makes them', async () => {
  const lost = createOnnxTrainer({ weights: join(world.folder, 'nowhere'), vocabulary: world.vocabulary })
  await expect(lost.open?.(world.context)).rejects.toMatchObject({ code: 'DDA_WEIGHTS_MISSING' })
})
