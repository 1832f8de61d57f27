import assert from 'node:assert/strict'
import { seededRandom } from './fakes/index.ts'
import * as golden from './golden-vectors.ts'
import { assertClose } from './harness.ts'
import type { Check } from './probe-batches.ts'

const FLOAT = golden.GOLDEN_TOLERANCE

/** G5–G7, I10–I12, I35 */
export function registerKl(check: Check): void {
  const { logProbs, referenceLogProbs, far } = golden.KL
  for (const { estimator, values, gradient } of golden.KL.cases) {
    check(`G5 KL ${estimator}`, async (probe) => {
      const result = await probe.kl({ logProbs, referenceLogProbs, estimator })
      assertClose(result.values, values, FLOAT, 'values')
      gradient.forEach((slope, i) => {
        // |Δ| has no gradient at 0; any between -1 and 1 will do.
        if (slope === null) assert.ok(Math.abs(result.gradient[i] as number) <= 1)
        else assertClose(result.gradient[i], slope, FLOAT, `gradient[${i}]`)
      })
    })
  }

  check('G5 k3 of log-probabilities far apart is clamped to 10', async (probe) => {
    const result = await probe.kl({ ...far, estimator: 'k3' })
    assertClose(result.values, far.k3, 0, 'k3')
    assert.ok(result.gradient.every(Number.isFinite))
  })

  check(
    'I35 the gradient of k2 and k3+ is that of the KL, exactly; that of k3 is the other direction’s',
    async (probe) => {
      // A categorical policy by its logits: d log π(a) / d logit j = [a = j] − π(j), so every expectation is a finite sum.
      const policy = [0.45, 0.25, 0.15, 0.1, 0.05]
      const reference = [0.1, 0.3, 0.2, 0.15, 0.25]
      const logProbs = policy.map(Math.log)
      const referenceLogProbs = reference.map(Math.log)
      const byLogits = (of: readonly number[], weight: readonly number[]): number[] =>
        policy.map((p, j) => of.reduce((sum, x, a) => sum + (weight[a] as number) * x * ((a === j ? 1 : 0) - p), 0))
      const reverse = byLogits(
        logProbs.map((logProb, a) => logProb - (referenceLogProbs[a] as number)),
        policy,
      )
      const forward = byLogits(
        policy.map(() => -1),
        reference,
      )
      for (const [estimator, expected] of [
        ['k2', reverse],
        ['k3+', reverse],
        ['k3', forward],
      ] as const) {
        const { gradient } = await probe.kl({ logProbs, referenceLogProbs, estimator })
        assertClose(byLogits(gradient, policy), expected, 1e-6, estimator)
      }
    },
  )

  check('I10 k2 and k3 are not negative, and all estimators vanish where the policies agree', async (probe) => {
    const random = seededRandom(10)
    const policy = Array.from({ length: 30 }, () => -5 * random())
    const reference = policy.map((logProb) => logProb + (random() - 0.5) * 4)
    for (const estimator of ['k1', 'abs', 'k2', 'k3'] as const) {
      const apart = await probe.kl({ logProbs: policy, referenceLogProbs: reference, estimator })
      if (estimator !== 'k1')
        assert.ok(
          apart.values.every((value) => value >= 0),
          estimator,
        )
      const same = await probe.kl({ logProbs: policy, referenceLogProbs: policy, estimator })
      assertClose(
        same.values,
        policy.map(() => 0),
        0,
        estimator,
      )
    }
  })

  check('G6, I12 the adaptive KL coefficient', async (probe) => {
    const g6 = golden.ADAPTIVE_KL
    assertClose(await probe.adaptiveKl(g6), g6.coefficients, 5e-9, 'coefficients')
    const limit = 1 + (0.2 * g6.batch) / g6.horizon
    const far = await probe.adaptiveKl({ ...g6, initial: 1, observed: [1e6] })
    assertClose(far, [limit], 1e-12, 'the error counts 0.2 at most')
    const none = await probe.adaptiveKl({ ...g6, initial: 1, observed: [0] })
    assertClose(none, [2 - limit], 1e-12, 'the error counts -0.2 at least')
  })

  check('G7, I11 KL in the reward: the tokens sum to score - beta * sum of kl', async (probe) => {
    const g7 = golden.KL_IN_REWARD
    const rewards = await probe.klInReward(g7)
    assertClose(rewards, g7.rewards, FLOAT, 'token rewards')
    assertClose(sum(rewards), sum(g7.scores) - g7.coefficient * sum(g7.kl), FLOAT, 'sum')
  })
}

function sum(list: readonly number[]): number {
  return list.reduce((total, x) => total + x, 0)
}
