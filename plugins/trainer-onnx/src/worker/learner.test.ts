import { afterAll, expect, test } from 'vitest'
import { policyConfig } from '../policy/config.ts'
import { initialWeights, parameterCount } from '../policy/parameters.ts'
import { patchCount, patchLength } from '../policy/patches.ts'
import { Learner } from './learner.ts'
import type { SampleRow } from '../protocol/plan-rows.ts'
import { completeTrainerOptions, learnerSettings, type PartialTrainerOptions } from '../host/options.ts'
import type { UpdateRow } from '../protocol/plan-rows.ts'
import type { PlanRow } from '../protocol/plan-rows.ts'
import { TINY_POLICY } from '../host/tiny-world.fixture.ts'

const config = policyConfig({ size: 40, emittable: 37 }, { ...TINY_POLICY, layers: 2 })
const learners: Learner[] = []

function learner(options: PartialTrainerOptions = {}): Learner {
  const settings = learnerSettings(completeTrainerOptions({ microBatch: 16, ...options }), config, 1)
  // Larger than at the start of a training, so that differences show.
  const theta = initialWeights(config, 5).map((w, i) => w + 0.02 * Math.sin(i))
  const made = new Learner(settings, theta)
  learners.push(made)
  return made
}

afterAll(async () => {
  for (const made of learners) await made.close()
})

const size = patchCount(config.image) * patchLength(config.image)
const images = [0, 1, 2].map((k) => Uint8Array.from({ length: size }, (_, i) => (i * 37 + k * 91) % 256))
const rows = Array.from({ length: 12 }, (_, i): SampleRow => {
  const prompt = Array.from({ length: 2 + (i % 4) }, (_, t) => (t * 7 + (i % 4) * 5) % 37)
  return { image: (i % 4) - 1, prompt, temperature: 1, seed: i }
})

const closest = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? NaN))))

test('the sampler reports the log-probs and values of the network that trains', async () => {
  const made = learner()
  for (const temperature of [1, 0.7, 1.6]) {
    const tempered = rows.map((row) => ({ ...row, temperature }))
    const plans = await made.sample(images, tempered)
    const scored = await made.score(
      images,
      tempered.map((row, i): PlanRow => ({ ...row, tokens: plans[i]?.tokens ?? [] })),
    )
    for (const [i, plan] of plans.entries()) {
      expect(closest(plan.logProbs, scored[i]?.logProbs ?? [])).toBeLessThan(1e-5)
      expect(closest(plan.values, scored[i]?.values[0] ?? [])).toBeLessThan(1e-5)
    }
  }
})

test('a greedy plan takes the most probable token', async () => {
  const made = learner()
  const greedy = rows.map((row) => ({ ...row, temperature: 0 }))
  const plans = await made.sample(images, greedy)
  const again = await made.sample(
    images,
    greedy.map((row) => ({ ...row, seed: row.seed + 100 })),
  )
  expect(again).toEqual(plans)
  const first = plans[0]?.tokens[0] ?? -1
  const others = await made.score(
    images,
    Array.from({ length: 37 }, (_, token): PlanRow => ({ ...rows[0]!, tokens: [token] })),
  )
  const logProbs = others.map((scored) => scored.logProbs[0] ?? NaN)
  expect(logProbs.indexOf(Math.max(...logProbs))).toBe(first)
  expect(logProbs.reduce((sum, logProb) => sum + Math.exp(logProb), 0)).toBeCloseTo(1, 5)
})

test('sampled tokens follow the distribution', async () => {
  const made = learner({ microBatch: 64 })
  const draws = 64 * 24
  const many = Array.from({ length: draws }, (_, i): SampleRow => ({ ...rows[1]!, seed: i * 977 }))
  const plans = await made.sample(images, many)
  const scored = await made.score(
    images,
    Array.from({ length: 37 }, (_, token): PlanRow => ({ ...rows[1]!, tokens: [token] })),
  )
  // Pearson's statistic over the first token; its mean is 36, its standard deviation 8.5.
  const statistic = scored.reduce((sum, { logProbs: [logProb = NaN] }, token) => {
    const expected = draws * Math.exp(logProb)
    return sum + (plans.filter((plan) => plan.tokens[0] === token).length - expected) ** 2 / expected
  }, 0)
  expect(statistic).toBeLessThan(75)
})

test('neither padding nor company changes a plan, bit for bit', async () => {
  const made = learner()
  const together = await made.sample(images, rows)
  const backwards = await made.sample(images, rows.toReversed())
  expect(backwards.toReversed()).toEqual(together)
  for (const i of [0, 5]) expect(await made.sample(images, rows.slice(i, i + 1))).toEqual(together.slice(i, i + 1))
})

test('plans that share their prefix are those of plans by themselves', async () => {
  const made = learner()
  const group = Array.from({ length: 14 }, (_, i): SampleRow => ({ ...rows[i % 3 === 0 ? 5 : 2]!, seed: i }))
  const together = await made.sample(images, group)
  expect(new Set(together.map(({ tokens }) => tokens.join(' '))).size).toBeGreaterThan(2)
  for (const i of [0, 4, 13]) expect(await made.sample(images, group.slice(i, i + 1))).toEqual([together[i]])
})

test('scores do not depend on how plans are bundled', async () => {
  const made = learner()
  const plans: PlanRow[] = rows.map((row, i) => ({ ...row, tokens: [i, 2 * i, 3, 0].slice(0, 1 + (i % 4)) }))
  const together = await made.score(images, plans)
  for (const [i, plan] of plans.entries()) {
    const [alone] = await made.score(images, [plan])
    expect(closest(alone?.logProbs ?? [], together[i]?.logProbs ?? [])).toBeLessThan(1e-5)
  }
})

const update = (made: Learner, taught: readonly UpdateRow[]) =>
  made.update({ images, rows: taught, streams: undefined }, () => false)

/** Rollouts with rewards that differ by token. */
async function rollouts(made: Learner): Promise<UpdateRow[]> {
  const plans = await made.sample(images, rows)
  return rows.map((row, i) => {
    const { tokens, logProbs, values } = plans[i]!
    return {
      ...row,
      tokens,
      logProbs,
      values,
      age: 0,
      group: String(i % 4),
      rewards: tokens.map((token) => (token % 3) / 3),
      streams: [],
    }
  })
}

test('the update does not depend on the micro-batch', async () => {
  const results = []
  for (const microBatch of [4, 16]) {
    const made = learner({ microBatch, miniBatch: 12, epochs: 1, learningRate: 1e-3 })
    // The same rollouts for both: sampled in the same batch size.
    const metrics = await update(made, await rollouts(learner()))
    results.push({ metrics, theta: made.snapshot().theta })
  }
  const [a, b] = results
  expect(b?.metrics['policy/loss']).toBeCloseTo(a?.metrics['policy/loss'] ?? NaN, 6)
  expect(b?.metrics['value/loss']).toBeCloseTo(a?.metrics['value/loss'] ?? NaN, 6)
  expect(b?.metrics['gradient/norm']).toBeCloseTo(a?.metrics['gradient/norm'] ?? NaN, 5)
})

test('the first mini-batch has ratio one', async () => {
  const made = learner({ epochs: 1, miniBatch: 100, kl: { place: 'off' } })
  const metrics = await update(made, await rollouts(made))
  expect(metrics['policy/ratio-max']).toBeCloseTo(1, 4)
  expect(metrics['policy/clip-fraction']).toBe(0)
  expect(Math.abs(metrics['kl/approx'] ?? NaN)).toBeLessThan(1e-5)
})

test('a run begins with plans that are scored as they were sampled', async () => {
  const made = learner()
  const before = made.snapshot()
  const honest = await rollouts(made)
  const lying = honest.map((row) => ({ ...row, temperature: 0.7 }))
  await expect(update(made, lying)).rejects.toMatchObject({
    code: 'DDA_TRAINER_RATIO',
    next: expect.stringContaining('temperature') as string,
  })
  expect(made.snapshot()).toEqual(before)
  // Older plans are another policy's, and say nothing.
  await update(
    made,
    lying.map((row) => ({ ...row, age: 1 })),
  )
  await update(made, await rollouts(made))
})

test('plans of several temperatures train together', async () => {
  const made = learner({ epochs: 1, miniBatch: 100, kl: { place: 'off' } })
  const warm = rows.map((row, i) => ({ ...row, temperature: [1, 0.5, 0][i % 3] ?? 1 }))
  const plans = await made.sample(images, warm)
  const mixed = warm.map((row, i): UpdateRow => ({
    ...row,
    ...plans[i]!,
    age: 0,
    group: 'g',
    rewards: plans[i]!.tokens.map(() => i),
    streams: [],
  }))
  expect((await update(made, mixed))['policy/ratio-max']).toBeCloseTo(1, 4)
})

test.each(['gae', 'grpo', 'rloo', 'reinforce++'] as const)(
  '%s moves the policy towards the reward',
  async (advantage) => {
    const made = learner({ advantage, learningRate: 3e-3, kl: { place: 'loss' } })
    const before = await rollouts(made)
    for (let i = 0; i < 6; i++) await update(made, await rollouts(made))
    const after = await made.score(images, before)
    // Tokens of reward 2/3 against those of reward 0, by how much their log-probs grew.
    const growth = (reward: number): number => {
      const changes = before.flatMap((row, i) =>
        row.tokens.flatMap((token, t) =>
          token % 3 === reward * 3 ? [(after[i]?.logProbs[t] ?? NaN) - (row.logProbs[t] ?? NaN)] : [],
        ),
      )
      return changes.reduce((a, b) => a + b, 0) / changes.length
    }
    expect(growth(2 / 3)).toBeGreaterThan(growth(0))
  },
)

test('a failed update is undone', async () => {
  const made = learner()
  const before = made.snapshot()
  const broken = (await rollouts(made)).map((row) => ({ ...row, age: 1, logProbs: row.logProbs.map(() => NaN) }))
  await expect(update(made, broken)).rejects.toMatchObject({ code: 'DDA_GRADIENT_NOT_FINITE' })
  expect(made.snapshot()).toEqual(before)
})

test('the default network has 1.2 million weights', () => {
  expect(parameterCount(policyConfig({ size: 600, emittable: 597 }))).toBeGreaterThan(1.15e6)
  expect(parameterCount(policyConfig({ size: 600, emittable: 597 }))).toBeLessThan(1.3e6)
})
