import type { Matrix, TrainerCapabilities } from '@dda-thinker/plugin-api'
import { seededRandom } from './fakes/index.ts'
import * as golden from './golden-vectors.ts'
import { assertClose, failsWithCode } from './harness.ts'
import { bruteForceGae, closeWhere, equalWhere, randomBatch, type Check } from './probe-batches.ts'

const FLOAT = golden.GOLDEN_TOLERANCE

/** G1, G2, I2–I5, I20 */
export function registerGae(check: Check): void {
  const { rewards, values, mask } = golden.GAE
  for (const { gamma, lambda, advantages, returns, whitened } of golden.GAE.cases) {
    check(`G1 GAE with gamma ${gamma}, lambda ${lambda}`, async (probe) => {
      const result = await probe.gae({ rewards, values, mask, gamma, lambda })
      closeWhere(mask, result.advantages, advantages, 'advantages')
      closeWhere(mask, result.returns, returns, 'returns')
      const options = { variance: 'unbiased', shiftMean: true } as const
      closeWhere(mask, await probe.whiten({ values: result.advantages, mask, ...options }), whitened, 'whitened')
    })
  }

  check('G2 GAE skips masked tokens and carries its state over them', async (probe) => {
    const g2 = golden.INTERLEAVED
    const options = { variance: 'unbiased', shiftMean: true } as const
    for (const given of [g2.values, g2.otherValues]) {
      const result = await probe.gae({ ...g2, values: given })
      closeWhere(g2.mask, result.advantages, g2.advantages, 'advantages')
      const whitened = await probe.whiten({ values: result.advantages, mask: g2.mask, ...options })
      closeWhere(g2.mask, whitened, g2.whitened, 'whitened')
    }
  })

  check('I2 GAE is the discounted sum of TD errors over unmasked tokens', async (probe) => {
    const random = seededRandom(2)
    for (let round = 0; round < 20; round++) {
      const batch = randomBatch(random, 3, 7)
      const [gamma, lambda] = [0.9 + random() / 10, random()]
      const { advantages } = await probe.gae({
        rewards: batch.rewards,
        values: batch.values,
        mask: batch.mask,
        gamma,
        lambda,
      })
      closeWhere(batch.mask, advantages, bruteForceGae(batch, gamma, lambda), 'advantages')
    }
  })

  check(
    'I3 with lambda 0 the advantage is the TD error; with gamma = lambda = 1 and no values the reward to go',
    async (probe) => {
      const batch = randomBatch(seededRandom(3), 2, 5)
      const { rewards, values, mask } = batch
      const td = await probe.gae({ rewards, values, mask, gamma: 0.9, lambda: 0 })
      closeWhere(mask, td.advantages, bruteForceGae(batch, 0.9, 0), 'TD errors')
      const zero = values.map((row) => row.map(() => 0))
      const toGo = await probe.gae({ rewards, values: zero, mask, gamma: 1, lambda: 1 })
      closeWhere(mask, toGo.advantages, bruteForceGae({ ...batch, values: zero }, 1, 1), 'reward to go')
    },
  )

  check('I4 rewards and values at masked tokens, NaN among them, change nothing in GAE', async (probe) => {
    const { rewards, values, mask } = randomBatch(seededRandom(4), 3, 6)
    const poison = (matrix: Matrix, bad: number): Matrix =>
      matrix.map((row, r) => row.map((x, c) => (mask[r]?.[c] === 0 ? bad : x)))
    const clean = await probe.gae({ rewards, values, mask, gamma: 0.99, lambda: 0.95 })
    for (const bad of [Number.NaN, 1e30]) {
      const dirty = await probe.gae({
        rewards: poison(rewards, bad),
        values: poison(values, bad),
        mask,
        gamma: 0.99,
        lambda: 0.95,
      })
      equalWhere(mask, dirty.advantages, clean.advantages)
      equalWhere(mask, dirty.returns, clean.returns)
    }
  })

  check('I5 returns are raw advantages plus values', async (probe) => {
    const { rewards, values, mask } = randomBatch(seededRandom(5), 3, 6)
    const { advantages, returns } = await probe.gae({ rewards, values, mask, gamma: 0.99, lambda: 0.95 })
    const sums = advantages.map((row, r) => row.map((advantage, c) => advantage + (values[r]?.[c] as number)))
    closeWhere(mask, returns, sums, 'returns', 1e-12)
  })

  check('I20 explained variance is 1 for a perfect critic and 0 for a constant one', async (probe) => {
    const returns = [0.1, 0.9, 0.4, -0.3]
    assertClose(await probe.explainedVariance({ values: returns, returns }), 1, FLOAT, 'perfect critic')
    assertClose(await probe.explainedVariance({ values: [5, 5, 5, 5], returns }), 0, FLOAT, 'constant critic')
  })
}

/** G8, I6 */
export function registerWhitening(check: Check): void {
  check('G8 masked whitening, biased and unbiased, with and without the mean', async (probe) => {
    const { values, mask, unbiased, biased, unbiasedAroundMean, published } = golden.WHITEN
    const whiten = (variance: 'biased' | 'unbiased', shiftMean: boolean): Promise<Matrix> =>
      probe.whiten({ values, mask, variance, shiftMean })
    closeWhere(mask, await whiten('unbiased', true), unbiased, 'unbiased')
    closeWhere(mask, await whiten('biased', true), biased, 'biased')
    closeWhere(mask, await whiten('unbiased', false), unbiasedAroundMean, 'unbiased around the mean')
    const all = published.values.map((row) => row.map(() => 1))
    for (const variance of ['biased', 'unbiased'] as const) {
      const result = await probe.whiten({ values: published.values, mask: all, variance, shiftMean: false })
      closeWhere(all, result, published[variance], `published, ${variance}`, published.tolerance)
    }
  })

  check('I6 whitened advantages have mean 0 and variance 1; fewer than two values are refused', async (probe) => {
    const { values, mask } = randomBatch(seededRandom(6), 4, 6)
    const whitened = await probe.whiten({ values, mask, variance: 'unbiased', shiftMean: true })
    const picked = whitened.flatMap((row, r) => row.filter((_, c) => mask[r]?.[c] === 1))
    const mean = picked.reduce((sum, x) => sum + x, 0) / picked.length
    assertClose(mean, 0, 1e-5, 'mean')
    const squares = picked.reduce((sum, x) => sum + (x - mean) ** 2, 0)
    assertClose(squares / (picked.length - 1), 1, 1e-5, 'variance')
    for (const only of [[[0, 0, 0]], [[0, 1, 0]]]) {
      for (const variance of ['biased', 'unbiased'] as const) {
        const call = probe.whiten({ values: [[1, 2, 3]], mask: only, variance, shiftMean: true })
        await failsWithCode(call, { code: 'DDA_WHITEN_MASK', what: `whitening of ${only[0]?.[1]} values` })
      }
    }
  })
}

/** G9, I19 */
export function registerGroupBaseline(check: Check, supports: TrainerCapabilities): void {
  if (supports.estimators.includes('grpo')) {
    check('G9, I19 the grpo baseline; equal rewards give zero', async (probe) => {
      for (const { rewards, advantages } of golden.GROUP_BASELINE.cases) {
        const exact = rewards.every((reward) => reward === rewards[0])
        const result = await probe.groupAdvantages({ rewards, estimator: 'grpo' })
        assertClose(result, advantages, exact ? 0 : FLOAT, `advantages of ${rewards.join()}`)
      }
    })
  }
  if (supports.estimators.includes('rloo')) {
    check('I19 the rloo baseline is the mean of the others; equal rewards give zero', async (probe) => {
      const rewards = [0.2, 0.9, 0.4, 0.1]
      const others = rewards.map((reward) => (rewards.reduce((sum, x) => sum + x, 0) - reward) / 3)
      const result = await probe.groupAdvantages({ rewards, estimator: 'rloo' })
      assertClose(
        result,
        rewards.map((reward, i) => reward - (others[i] as number)),
        FLOAT,
        'advantages',
      )
      assertClose(
        await probe.groupAdvantages({ rewards: [0.1, 0.1, 0.1], estimator: 'rloo' }),
        [0, 0, 0],
        0,
        'equal rewards',
      )
    })
  }
}
