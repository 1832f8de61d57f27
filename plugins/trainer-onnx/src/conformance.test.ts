import type { Plan, Rollout, Trainer } from '@dda-thinker/plugin-api'
import { makeReward, testPluginOptions, trainerSuite, type TrainerVariant } from '@dda-thinker/testkit'
import { describe, expect, test } from 'vitest'
import { SMALL, smallTrainer } from './conformance.fixture.ts'
import plugins from './index.ts'

trainerSuite({ test, factory: smallTrainer, ...SMALL })

const { trainer } = plugins
if (trainer !== undefined) {
  testPluginOptions(test, trainer, {
    valid: [{ options: {} }, { options: { weights: 'random', advantage: 'grpo', kl: { target: 0.01 } } }],
    invalid: [
      { options: { advantage: 'gea' }, code: 'DDA_CONFIG_INVALID', at: 'advantage' },
      { options: { advantage: 'grpo', lambda: 0.9 }, code: 'DDA_CONFIG_INVALID' },
      { options: { advantage: 'rloo', rateFactors: { critic: 2 } }, code: 'DDA_CONFIG_INVALID' },
      { options: { schedule: 'cosine' }, code: 'DDA_CONFIG_INVALID' },
      { options: { clip: { low: 2 } }, code: 'DDA_CONFIG_INVALID', at: 'clip.low' },
      { options: { kl: { coeficient: 1 } }, code: 'DDA_CONFIG_INVALID', at: 'kl.coeficient' },
    ],
  })
}

type Factory = (variant: TrainerVariant) => Trainer

/** A trainer that differs from the real one in some members. */
function withTrainer(change: (made: Trainer) => Partial<Trainer>): Factory {
  return (variant) => {
    const made = smallTrainer(variant)
    return Object.assign(Object.create(made) as Trainer, change(made))
  }
}

function withUpdate(change: (update: Trainer['update']) => Trainer['update']): Factory {
  return withTrainer((made) => ({ update: change((batch, options) => made.update(batch, options)) }))
}

function withRollouts(change: (rollouts: readonly Rollout[]) => readonly Rollout[]): Factory {
  return withUpdate((update) => (batch, options) => update({ ...batch, rollouts: change(batch.rollouts) }, options))
}

function withPlans(change: (plan: Plan) => Plan): Factory {
  return withRollouts((rollouts) =>
    rollouts.map((one) => (one.plan === undefined ? one : { ...one, plan: change(one.plan) })),
  )
}

/* The suite would prove little if a faulty trainer passed it. */
describe('the suite notices', () => {
  test.each<readonly [fault: string, caughtBy: RegExp, factory: Factory]>([
    [
      'failures that are scored 0',
      /^I18/,
      withRollouts((rollouts) =>
        rollouts.map((one) =>
          one.outcome.kind === 'masked' && one.plan !== undefined
            ? { ...one, outcome: { kind: 'scored' }, reward: makeReward(0) }
            : one,
        ),
      ),
    ],
    [
      'rewards that are not numbers and pass as 0',
      /^I21/,
      withRollouts((rollouts) =>
        rollouts.map((one) => (Number.isFinite(one.reward?.total) ? one : { ...one, reward: makeReward(0) })),
      ),
    ],
    [
      'log-probabilities of another temperature',
      /^I1 /,
      withPlans(({ tokens, ...plan }) =>
        tokens === undefined
          ? plan
          : { ...plan, tokens: { ...tokens, logProbs: tokens.logProbs.map((logProb) => logProb * 1.1) } },
      ),
    ],
    ['a load that keeps the weights of the moment', /^I16/, withTrainer(() => ({ load: async () => undefined }))],
    ['a save that drops a file', /^I16/, withTrainer(() => ({ save: async () => undefined }))],
    [
      'an abort that is not heeded',
      /aborted update/,
      withUpdate((update) => (batch) => update(batch, { signal: NEVER })),
    ],
    [
      'gated rollouts that are dropped',
      /^a gated rollout/,
      withRollouts((rollouts) => rollouts.filter(({ outcome }) => outcome.kind !== 'gated')),
    ],
    [
      'a coefficient of the KL in the reward that cancels',
      /^I36/,
      (variant) =>
        smallTrainer(variant.kl === undefined ? variant : { ...variant, kl: { ...variant.kl, coefficient: 1 } }),
    ],
    [
      'a step number of its own',
      /reports its step/,
      withUpdate((update) => async (batch, options) => ({ ...(await update(batch, options)), step: 1 })),
    ],
  ])('%s', async (_, caughtBy, factory) => {
    expect(await failures(factory, caughtBy)).not.toEqual([])
  })
})

const NEVER = new AbortController().signal

/** Names of the matching tests that fail. */
async function failures(factory: Factory, only: RegExp): Promise<readonly string[]> {
  const tests: { readonly name: string; readonly run: () => Promise<void> }[] = []
  trainerSuite({ ...SMALL, test: (name, run) => tests.push({ name, run }), factory })
  const failed: string[] = []
  for (const { name, run } of tests.filter((one) => only.test(one.name))) await run().catch(() => failed.push(name))
  expect(tests.some((one) => only.test(one.name))).toBe(true)
  return failed
}
