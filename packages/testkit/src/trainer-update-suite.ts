import assert from 'node:assert/strict'
import type { Plan, Rollout, TrainerCapabilities, TrainingBatch, UpdateReport } from '@dda-thinker/plugin-api'
import { deepFreeze, makeMaskedRollout } from './fakes/index.ts'
import { assertClose, failsWithCode, stopsWhenAborted } from './harness.ts'
import { planAll, requestsFor } from './thinker-suite.ts'
import { assertSamePolicy, ON_POLICY, signatureOf, TrainerBench, type TrainerVariant } from './trainer-bench.ts'
import type { TrainerCheck, TrainerSuiteOptions } from './trainer-suite.ts'

/** What an update does, by the contract alone: I1, I7, I13–I15, I17–I19, I21, I36. */
export function registerUpdates(
  check: TrainerCheck,
  options: TrainerSuiteOptions,
  supports: TrainerCapabilities,
): void {
  registerOnPolicy(check, supports)
  registerInvariance(check, options)
  registerRefusals(check)
  registerSettings(check, supports)
  registerKlInReward(check, options, supports)

  const { learning } = options
  if (learning !== undefined) {
    check(
      'learns: the mean reward rises',
      async (bench) => {
        const means: number[] = []
        for (let step = 1; step <= learning.steps; step++) {
          const plans = await bench.plans(step)
          await bench.update(bench.batch(step, plans, learning.reward))
          means.push(mean(plans.map(learning.reward)))
        }
        const gain = mean(means.slice(-3)) - mean(means.slice(0, 3))
        assert.ok(gain >= learning.gain, `the mean reward went ${means.map((x) => x.toFixed(2)).join(' ')}`)
      },
      learning.variant === undefined ? {} : { variant: learning.variant },
    )
  }
}

function registerOnPolicy(check: TrainerCheck, supports: TrainerCapabilities): void {
  check('an update reports its step, counts itself and changes the policy', async (bench) => {
    const before = await bench.signature()
    const [old] = await bench.plans(1)
    const report = await bench.step(5)
    assert.equal(report.step, 5)
    assert.equal(report.policyVersion, 1)
    assert.equal(bench.trainer.policyVersion, 1)
    assert.notDeepEqual(await bench.signature(), before)
    const [plan] = await bench.plans(6)
    assert.deepEqual([old?.policyVersion, plan?.policyVersion], [0, 1], 'plans say which policy wrote them')
  })

  check('I1 on policy the ratio is 1 and nothing is clipped', ratioIsOne)
  check('I15 the same at other temperatures: log-probabilities are those of sampling', async (bench) => {
    const plans = [...(await bench.plans(1, 2, 0.7)), ...(await bench.plans(2, 2, 1)), ...(await bench.plans(3, 1, 0))]
    assert.deepEqual([...new Set(plans.map(({ tokens }) => tokens?.temperature))], [0.7, 1, 0], 'traces tell them')
    ratioIsOneIn(await bench.update(bench.batch(1, plans)))
  })

  check('I22 a run does not begin with plans that are scored otherwise than they were sampled', async (bench) => {
    const plans = (await bench.plans(1, 4, 0.7)).map((plan): Plan => ({
      ...plan,
      ...(plan.tokens !== undefined && { tokens: { ...plan.tokens, temperature: 1 } }),
    }))
    await bench.unchangedBy(async () => {
      await failsWithCode(bench.update(bench.batch(1, plans)), {
        code: 'DDA_TRAINER_RATIO',
        what: 'a trace of another temperature',
      })
    })
    ratioIsOneIn(await bench.step(2))
  })

  check('a trace without its temperature is refused', async (bench) => {
    const plans = (await bench.plans(1)).map((plan): Plan => {
      const { temperature: _temperature, ...tokens } = plan.tokens as NonNullable<Plan['tokens']>
      return { ...plan, tokens }
    })
    await failsWithCode(bench.update(bench.batch(1, plans)), {
      code: 'DDA_TRAINER_STALE',
      what: 'a trace without temperature',
    })
  })

  for (const place of supports.klPlace) {
    const variant: TrainerVariant = { ...ON_POLICY, kl: { place, coefficient: 0.1 } }
    check(
      `I13 KL in the ${place}: before any update the policy is its own reference`,
      async (bench) => {
        const first = await bench.step(1)
        assertClose(first.metrics['kl/reference'], 0, 1e-4, 'metric kl/reference')
        const second = await bench.step(2)
        assert.notEqual(second.metrics['kl/reference'], first.metrics['kl/reference'], 'the reference stays behind')
      },
      { variant },
    )
  }

  check(
    'I14 a plan has the same log-probabilities alone and in a batch, and carries a full token trace',
    async (bench) => {
      const together = await bench.plans(3)
      for (const plan of together.slice(0, 3)) {
        const trace = plan.tokens
        assert.ok(trace !== undefined && trace.ids.length > 0, 'plans of a policy under training carry a token trace')
        if (supports.critic) assert.ok(trace.values !== undefined, 'with a critic the trace has values')
      }
      for (const request of requestsFor(bench.inputs, 4, 3000).slice(0, 5)) {
        const alone = await planAll(bench.trainer.thinker, [request])
        const beside = together.find(({ id }) => id === request.id) as Plan
        assertSamePolicy([signatureOf(beside)], [signatureOf(alone.get(request.id) as Plan)])
      }
    },
  )
}

async function ratioIsOne(bench: TrainerBench): Promise<void> {
  ratioIsOneIn(await bench.step(1))
}

function ratioIsOneIn({ metrics }: UpdateReport): void {
  const expected = { 'policy/ratio-max': 1, 'policy/ratio-mean': 1, 'policy/clip-fraction': 0, 'kl/approx': 0 }
  for (const [name, value] of Object.entries(expected)) assertClose(metrics[name], value, 1e-4, `metric ${name}`)
}

function registerInvariance(check: TrainerCheck, options: TrainerSuiteOptions): void {
  /** The policy after one update on a changed batch, made by a fresh trainer of the same seed. */
  const after = (
    change: (batch: TrainingBatch) => TrainingBatch,
    variant = ON_POLICY,
  ): ReturnType<TrainerBench['signature']> =>
    TrainerBench.with(options, { variant }, async (bench) => {
      await bench.update(deepFreeze(change(bench.batch(1, await bench.plans(1)))))
      return bench.signature()
    })

  const firstMetrics = (seed: number): Promise<unknown> =>
    TrainerBench.with(options, { seed }, async (other) => (await other.step(1)).metrics)

  check('I7 neither the order of rollouts nor the size of micro-batches changes the update', async (bench) => {
    await bench.step(1)
    const plain = await bench.signature()
    assertSamePolicy(plain, await after((batch) => ({ ...batch, rollouts: batch.rollouts.toReversed() })))
    assertSamePolicy(plain, await after((batch) => batch, { ...ON_POLICY, microBatch: 3 }))
  })

  check('I17 the same seed gives the same numbers, another seed gives others', async (bench) => {
    const { metrics } = await bench.step(1)
    assert.deepEqual(await firstMetrics(1), metrics)
    assert.notDeepEqual(await firstMetrics(2), metrics)
  })

  check('I18 masked rollouts leave the numerator and the denominator', async (bench) => {
    await bench.step(1)
    const withMasked = await after((batch) => {
      const [first, second] = batch.rollouts as [Rollout, Rollout]
      const masked = makeMaskedRollout(first.plan as Plan, 'timeout', {
        id: 'masked-1',
        group: first.group,
        member: 90,
      })
      const { plan, ...planless } = makeMaskedRollout(second.plan as Plan, 'server', { id: 'masked-2', member: 91 })
      void plan
      return { ...batch, rollouts: [masked, ...batch.rollouts, planless] }
    })
    assert.deepEqual(withMasked, await bench.signature())
  })

  check('a gated rollout counts like a scored one', async (bench) => {
    await bench.step(1)
    const gated = await after((batch) => ({
      ...batch,
      rollouts: batch.rollouts.map((rollout) => ({
        ...rollout,
        outcome: { kind: 'gated', reason: 'critical item' } as const,
      })),
    }))
    assert.deepEqual(gated, await bench.signature())
  })
}

function registerRefusals(check: TrainerCheck): void {
  check('I21 a reward that is no finite number is refused by the id of its sample', async (bench) => {
    const plans = await bench.plans(1)
    const { sampleId } = plans[2] as Plan
    for (const bad of [Number.NaN, Infinity]) {
      await bench.unchangedBy(async () => {
        const batch = bench.batch(1, plans, (plan) => (plan === plans[2] ? bad : 0.5))
        const error = await failsWithCode(bench.update(batch), { code: 'DDA_REWARD_NOT_FINITE', what: `reward ${bad}` })
        assert.equal(error.sampleId, sampleId)
      })
    }
  })

  check('a plan without a token trace is refused', async (bench) => {
    const bare = (await bench.plans(1)).map(({ tokens, ...plan }) => {
      void tokens
      return plan
    })
    await bench.unchangedBy(async () => {
      await failsWithCode(bench.update(bench.batch(1, bare)), {
        code: 'DDA_TRAINER_STALE',
        what: 'a plan without tokens',
      })
    })
  })

  check('a step of masked rollouts alone is an error and changes nothing', async (bench) => {
    const plans = await bench.plans(1)
    const rollouts = plans.map((plan) => makeMaskedRollout(plan))
    await bench.unchangedBy(async () => {
      await failsWithCode(bench.update({ step: 1, inputs: bench.inputs, rollouts }), { what: 'a step of failures' })
    })
  })

  check('an aborted update changes nothing', async (bench) => {
    const batch = bench.batch(1, await bench.plans(1))
    await bench.unchangedBy(() => stopsWhenAborted((signal) => bench.trainer.update(batch, { signal })))
  })
}

function registerSettings(check: TrainerCheck, supports: TrainerCapabilities): void {
  for (const estimator of supports.estimators) {
    check(
      `the estimator ${estimator} updates; equal rewards give finite numbers (I19)`,
      async (bench) => {
        await bench.step(1)
        const { metrics } = await bench.step(2, () => 0.5)
        if (estimator === 'grpo' || estimator === 'rloo') {
          for (const name of ['advantage/mean', 'advantage/std', 'policy/loss']) {
            assertClose(metrics[name] ?? 0, 0, 0, `metric ${name} of equal rewards`)
          }
        }
      },
      { variant: { estimator, kl: { place: supports.klPlace[0] ?? 'loss', coefficient: 0 } } },
    )
  }

  for (const aggregation of supports.lossAggregation) {
    check(
      `the aggregation ${aggregation} updates`,
      async (bench) => {
        const before = await bench.signature()
        await bench.step(1)
        assert.notDeepEqual(await bench.signature(), before)
      },
      { variant: { aggregation } },
    )
  }
}

/** The coefficients of {@link registerKlInReward}, whose gradients are to each other as they are. */
const [LARGE, SMALL] = [0.02, 1e-4]

function registerKlInReward(check: TrainerCheck, options: TrainerSuiteOptions, supports: TrainerCapabilities): void {
  if (!supports.klPlace.includes('reward')) return
  for (const estimator of (['grpo', 'rloo'] as const).filter((one) => supports.estimators.includes(one))) {
    const variant = (coefficient: number): TrainerVariant => {
      return { ...ON_POLICY, estimator, entropy: 0, kl: { place: 'reward', coefficient } }
    }
    check(
      `I36 KL in the reward by ${estimator}: in groups of equal rewards the gradient is as large as the coefficient has it`,
      async (bench) => {
        // Moves the policy off its reference, so that the KL of plans differs.
        await bench.step(1)
        const large = (await bench.step(2, () => 0.5)).metrics['gradient/norm'] ?? NaN
        await TrainerBench.with(options, { variant: variant(SMALL) }, async (other) => {
          await other.step(1)
          const small = (await other.step(2, () => 0.5)).metrics['gradient/norm'] ?? NaN
          assert.ok(small > 0, `the gradient of the KL alone is ${small}`)
          // Within 10 %: the first step's KL is 0 but for rounding, which the coefficient weighs as well.
          const ratio = large / small / (LARGE / SMALL)
          assertClose(ratio, 1, 0.1, `the ratio of the gradients ${large} and ${small} by that of the coefficients`)
        })
      },
      { variant: variant(LARGE) },
    )
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
