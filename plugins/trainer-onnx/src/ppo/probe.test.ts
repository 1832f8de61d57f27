import type { TrainerProbe } from '@dda-thinker/plugin-api'
import { trainerProbeSuite } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { createProbe } from './probe.ts'

/* The probe passes the suite in ../conformance.test.ts. Here: the suite notices when its arithmetic is off. */

const honest = createProbe()
const supports = {
  estimators: ['gae', 'grpo', 'rloo'],
  critic: true,
  groupCentre: ['plan', 'prefix'],
  streams: ['normalized', 'split'],
  images: true,
  lora: false,
  klPlace: ['reward'],
  lossAggregation: ['token-mean', 'seq-mean-token-mean'],
} as const

async function failures(probe: TrainerProbe, only: RegExp): Promise<readonly string[]> {
  const tests: { name: string; run: () => Promise<void> }[] = []
  trainerProbeSuite({
    test: (name, run) => tests.push({ name, run }),
    withProbe: (check) => check(probe),
    supports,
  })
  const failed: string[] = []
  for (const { name, run } of tests.filter((one) => only.test(one.name))) {
    await run().catch(() => failed.push(name))
  }
  return failed
}

/** Streams that everybody earned alike are dropped, so that the last one left is alone. */
const withoutSilentStreams: TrainerProbe['advantages'] = ({ streams, ...input }) => {
  if (streams === undefined) return honest.advantages(input)
  const totals = (rewards: readonly (readonly number[])[]): number[] => rewards.map((row) => Math.max(...row))
  const parts = streams.parts.filter(({ rewards }) => new Set(totals(rewards)).size > 1)
  return honest.advantages({ ...input, streams: { ...streams, parts } })
}

const sabotage: readonly (readonly [what: string, caughtBy: RegExp, probe: Partial<TrainerProbe>])[] = [
  [
    'GAE that reads masked values',
    /G2|I2|I4 rewards/,
    { gae: (input) => honest.gae({ ...input, mask: input.mask.map((row) => row.map(() => 1)) }) },
  ],
  ['GAE with another lambda', /G1/, { gae: (input) => honest.gae({ ...input, lambda: input.lambda * 0.99 }) }],
  [
    'returns made of values alone',
    /I5/,
    { gae: async (input) => ({ ...(await honest.gae(input)), returns: input.values }) },
  ],
  ['the other variance', /G8/, { whiten: (input) => honest.whiten({ ...input, variance: 'biased' }) }],
  ['symmetric clipping', /G3|I8/, { policyLoss: (input) => honest.policyLoss({ ...input, clipHigh: input.clipLow }) }],
  [
    'no dual clip',
    /G3|I8/,
    {
      policyLoss({ dualClip, ...input }) {
        expect(dualClip ?? 3).toBe(3)
        return honest.policyLoss(input)
      },
    },
  ],
  [
    'always token-mean',
    /G3.*seq-mean/,
    { policyLoss: (input) => honest.policyLoss({ ...input, aggregation: 'token-mean' }) },
  ],
  ['a wider value clip', /G4/, { valueLoss: (input) => honest.valueLoss({ ...input, clip: 0.5 }) }],
  ['k1 for everything', /G5/, { kl: (input) => honest.kl({ ...input, estimator: 'k1' }) }],
  [
    'KL added to the reward',
    /G7/,
    { klInReward: (input) => honest.klInReward({ ...input, coefficient: -input.coefficient }) },
  ],
  ['no clipping of the error', /I12/, { adaptiveKl: async (input) => input.observed.map((kl) => input.initial * kl) }],
  ['rloo for grpo', /G9/, { groupAdvantages: (input) => honest.groupAdvantages({ ...input, estimator: 'rloo' }) }],
  [
    "a group's mean with the token's own plan in it",
    /I26 gae.*plan/,
    {
      async advantages(input) {
        const { advantages, returns } = await honest.advantages(input)
        return { advantages: advantages.map((row) => row.map((x) => (x * 7) / 8)), returns }
      },
    },
  ],
  [
    'centring by plan for all',
    /G10.*prefix/,
    { advantages: (input) => honest.advantages({ ...input, groupCentre: 'plan' }) },
  ],
  [
    'the KL normalised with the task',
    /I24 grpo/,
    {
      advantages({ kl, klCoefficient, rewards, ...input }) {
        const charged = rewards.map((row, r) => row.map((x, c) => x - klCoefficient * (kl[r]?.[c] ?? 0)))
        return honest.advantages({ ...input, kl, rewards: charged, klCoefficient: 0 })
      },
    },
  ],
  [
    'all of a reward on the last token',
    /I25 rewards on tokens/,
    {
      async placeRewards({ plan, reward }) {
        const placed = await honest.placeRewards({ plan, reward })
        return placed.map((_, token) => (token === placed.length - 1 ? reward.total : 0))
      },
    },
  ],
  [
    'streams that are only added',
    /G11/,
    {
      advantages({ streams, ...input }) {
        expect(streams?.mode ?? 'normalized').toMatch(/normalized|split/)
        return honest.advantages(input)
      },
    },
  ],
  ['one live stream as an ordinary reward', /I28 .*normalized, grpo/, { advantages: withoutSilentStreams }],
  ['one live stream in its own scale', /I30 .*rloo/, { advantages: withoutSilentStreams }],
  [
    'members that were not asked as zeros',
    /I31/,
    {
      advantages({ streams, ...input }) {
        const parts = streams?.parts.map((part) => ({ ...part, asked: part.asked.map(() => true) }))
        if (streams === undefined || parts === undefined) return honest.advantages(input)
        return honest.advantages({ ...input, streams: { ...streams, parts } })
      },
    },
  ],
  ['explained variance of 1', /I20/, { explainedVariance: async () => 1 }],
]

test.each(sabotage)('the suite notices %s', async (_, caughtBy, probe) => {
  expect(await failures(honest, caughtBy)).toEqual([])
  expect(await failures({ ...honest, ...probe }, caughtBy)).not.toEqual([])
})
