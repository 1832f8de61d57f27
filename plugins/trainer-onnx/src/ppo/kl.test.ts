import { seededRandom } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { klValues } from './kl.ts'
import { createProbe } from './probe.ts'

const ESTIMATORS = ['k1', 'abs', 'k2', 'k3'] as const

test.each(ESTIMATORS)('%s in the reward has the values of %s in the loss', async (estimator) => {
  const random = seededRandom(5)
  const logProbs = Array.from({ length: 40 }, () => -6 * random())
  const referenceLogProbs = [...logProbs.slice(2).map((logProb) => logProb + 3 * (random() - 0.5)), -60, 0]
  const { values } = await createProbe().kl({ logProbs, referenceLogProbs, estimator })
  const inReward = klValues(estimator, logProbs, referenceLogProbs)
  inReward.forEach((value, i) => {
    const inLoss = values[i] ?? Number.NaN
    expect(Math.abs(value - inLoss)).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)))
  })
})

/** Mean and standard deviation of an estimator of KL(N(0,1) ‖ N(shift,1)), whose true value is shift² / 2. */
function estimate(estimator: (typeof ESTIMATORS)[number], shift: number): { mean: number; std: number } {
  const random = seededRandom(9)
  const draws = Array.from({ length: 200_000 }, () => {
    const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return [-(x ** 2) / 2, -((x - shift) ** 2) / 2] as const
  })
  const values = klValues(
    estimator,
    draws.map(([policy]) => policy),
    draws.map(([, reference]) => reference),
  )
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return { mean, std: Math.sqrt(variance) }
}

// The figures of Schulman's note "Approximating KL divergence" (2020).
test('near the reference k2 and k3 are as right as k1 and far quieter', () => {
  const [k1, k2, k3] = [estimate('k1', 0.1), estimate('k2', 0.1), estimate('k3', 0.1)]
  expect(k3.mean / 0.005).toBeCloseTo(1, 1)
  expect(k2.mean / 0.005).toBeCloseTo(1, 1)
  expect(k1.std / 0.005).toBeCloseTo(20, 0)
  expect(Math.max(k2.std, k3.std)).toBeLessThan(k1.std / 10)
})

test('far from it k2 is a quarter too large, k1 and k3 are not', () => {
  expect(estimate('k1', 1).mean / 0.5).toBeCloseTo(1, 1)
  expect(estimate('k3', 1).mean / 0.5).toBeCloseTo(1, 1)
  expect(estimate('k2', 1).mean / 0.5).toBeCloseTo(1.25, 1)
})
