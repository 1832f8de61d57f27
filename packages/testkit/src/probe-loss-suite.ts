import assert from 'node:assert/strict'
import type { LossAggregation, Matrix, PolicyLossInput } from '@dda-thinker/plugin-api'
import { seededRandom } from './fakes/index.ts'
import * as golden from './golden-vectors.ts'
import { assertClose } from './harness.ts'
import { closeWhere, mapMatrices, randomLossInput, sameOutput, type Check } from './probe-batches.ts'

const FLOAT = golden.GOLDEN_TOLERANCE

/** G3, I1, I4, I7, I8, I18 */
export function registerPolicyLoss(check: Check, aggregations: readonly LossAggregation[]): void {
  const g3 = golden.POLICY_LOSS
  const oldLogProbs = g3.mask.map((row) => row.map(() => g3.oldLogProb))
  const given = {
    logProbs: g3.ratios.map((row) => row.map((ratio) => g3.oldLogProb + Math.log(ratio))),
    oldLogProbs,
    advantages: g3.advantages,
    mask: g3.mask,
    clipLow: g3.clipLow,
    clipHigh: g3.clipHigh,
    dualClip: g3.dualClip,
  }

  for (const { aggregation, loss, gradient } of g3.cases) {
    if (!aggregations.includes(aggregation)) continue
    check(`G3 policy loss, ${aggregation}`, async (probe) => {
      const result = await probe.policyLoss({ ...given, aggregation })
      assertClose(result.loss, loss, FLOAT, 'loss')
      closeWhere(g3.mask, result.gradient, [gradient, gradient.map(() => 0)], 'gradient')
      assertClose(result.metrics['clipFraction'], g3.clipFraction, FLOAT, 'clipFraction')
      assertClose(result.metrics['lowerClipFraction'], g3.lowerClipFraction, FLOAT, 'lowerClipFraction')
      assertClose(result.metrics['approxKl'], g3.approxKl, FLOAT, 'approxKl')
    })

    check(`I7 policy loss, ${aggregation}: order and padding of the rows change nothing`, async (probe) => {
      const input = randomLossInput(seededRandom(7), aggregation)
      const result = await probe.policyLoss(input)
      const reversed = await probe.policyLoss(mapMatrices(input, (matrix) => matrix.toReversed()))
      assertClose(reversed.loss, result.loss, FLOAT, 'loss of reversed rows')
      closeWhere(input.mask, reversed.gradient.toReversed(), result.gradient, 'gradient of reversed rows')
      // This aggregation divides by the horizon, which a probe takes from the padded length.
      if (aggregation === 'seq-mean-token-sum-norm') return
      const padded = await probe.policyLoss(mapMatrices(input, (matrix) => matrix.map((row) => [...row, 0, 0, 0])))
      assertClose(padded.loss, result.loss, FLOAT, 'loss of padded rows')
      closeWhere(
        input.mask,
        padded.gradient.map((row) => row.slice(0, -3)),
        result.gradient,
        'gradient of padded rows',
      )
    })

    check(`I4, I18 policy loss, ${aggregation}: masked tokens and wholly masked rows change nothing`, async (probe) => {
      const input = randomLossInput(seededRandom(8), aggregation)
      const clean = await probe.policyLoss(input)
      const poison = (matrix: Matrix, bad: number): Matrix =>
        matrix.map((row, r) => row.map((x, c) => (input.mask[r]?.[c] === 0 ? bad : x)))
      const dirty = await probe.policyLoss({
        ...input,
        logProbs: poison(input.logProbs, Number.NaN),
        oldLogProbs: poison(input.oldLogProbs, -1e30),
        advantages: poison(input.advantages, Number.NaN),
      })
      sameOutput(input.mask, dirty, clean)
      const failed = await probe.policyLoss({
        ...input,
        logProbs: [...input.logProbs, input.logProbs[0] as number[]],
        oldLogProbs: [...input.oldLogProbs, input.oldLogProbs[1] as number[]],
        advantages: [...input.advantages, input.advantages[0] as number[]],
        mask: [...input.mask, (input.mask[0] as number[]).map(() => 0)],
      })
      sameOutput(input.mask, { ...failed, gradient: failed.gradient.slice(0, -1) }, clean, FLOAT)
    })
  }

  check('I1 on policy the ratio is 1: no KL, no clipping, gradient -A/N', async (probe) => {
    const result = await probe.policyLoss({ ...given, logProbs: oldLogProbs, aggregation: 'token-mean' })
    assertClose(result.loss, g3.onPolicy.loss, FLOAT, 'loss')
    closeWhere(g3.mask, result.gradient, g3.onPolicy.gradient, 'gradient')
    for (const name of ['clipFraction', 'lowerClipFraction', 'approxKl']) assertClose(result.metrics[name], 0, 0, name)
  })

  check('I8 tokens saturate only beyond their own bound, and then have no gradient', async (probe) => {
    const ratios = [0.2, 0.5, 0.79, 0.81, 0.95, 1.05, 1.27, 1.29, 2, 2.9, 3.1, 8]
    for (const advantage of [1.5, -1.5]) {
      const one = (dualClip?: number): PolicyLossInput => ({
        logProbs: [ratios.map((ratio) => Math.log(ratio) - 2)],
        oldLogProbs: [ratios.map(() => -2)],
        advantages: [ratios.map(() => advantage)],
        mask: [ratios.map(() => 1)],
        clipLow: 0.2,
        clipHigh: 0.28,
        aggregation: 'token-sum',
        ...(dualClip !== undefined && { dualClip }),
      })
      for (const dualClip of [undefined, 3]) {
        const { gradient } = await probe.policyLoss(one(dualClip))
        ratios.forEach((ratio, i) => {
          const bounded = advantage > 0 ? ratio > 1.28 : ratio < 0.8 || ratio > (dualClip ?? Infinity)
          const expected = bounded ? 0 : -advantage * ratio
          assertClose(
            gradient[0]?.[i],
            expected,
            bounded ? 0 : 1e-5,
            `A ${advantage}, ratio ${ratio}, dual clip ${dualClip}`,
          )
        })
      }
    }
  })

  check('a ratio that ran away stays finite', async (probe) => {
    const { loss, gradient } = await probe.policyLoss({
      ...given,
      logProbs: [
        [90, 90, -90, -1],
        [-200, 200, 0, 0],
      ],
      aggregation: 'token-mean',
    })
    assert.ok(Number.isFinite(loss) && gradient.flat().every(Number.isFinite), `loss ${loss}`)
  })
}

/** G4, I4, I9 */
export function registerValueLoss(check: Check): void {
  const g4 = golden.VALUE_LOSS

  check('G4 clipped value loss', async (probe) => {
    const result = await probe.valueLoss(g4)
    assertClose(result.loss, g4.loss, FLOAT, 'loss')
    assertClose(result.metrics['clipFraction'], g4.clipFraction, FLOAT, 'clipFraction')
    closeWhere(g4.mask, result.gradient, g4.gradient, 'gradient')
  })

  check(
    'I9 the value clip takes the larger loss; a wide one and none at all are half the squared error',
    async (probe) => {
      const { predictions, oldValues, returns, mask } = g4
      const free = await probe.valueLoss({ predictions, oldValues, returns, mask })
      const wide = await probe.valueLoss({ predictions, oldValues, returns, mask, clip: 1e6 })
      const errors = [0.3, 0.6, -0.1, 0.4, 0.3, 1.2]
      const half = errors.reduce((sum, error) => sum + error * error, 0) / errors.length / 2
      for (const result of [free, wide]) {
        assertClose(result.loss, half, FLOAT, 'half the mean squared error')
        assertClose(result.metrics['clipFraction'], 0, 0, 'clipFraction')
      }
      assert.ok((await probe.valueLoss(g4)).loss >= free.loss, 'clipping never lowers the loss')
    },
  )

  check('I4 value loss: masked tokens change nothing', async (probe) => {
    const poison = (matrix: Matrix): Matrix =>
      matrix.map((row, r) => row.map((x, c) => (g4.mask[r]?.[c] === 0 ? Number.NaN : x)))
    const dirty = {
      ...g4,
      predictions: poison(g4.predictions),
      oldValues: poison(g4.oldValues),
      returns: poison(g4.returns),
    }
    sameOutput(g4.mask, await probe.valueLoss(dirty), await probe.valueLoss(g4))
  })
}
