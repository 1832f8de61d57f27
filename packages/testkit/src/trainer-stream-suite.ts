import type { Plan, Reward, RewardStream, Rollout, TrainerCapabilities, TrainingBatch } from '@dda-thinker/plugin-api'
import { deepFreeze } from './fakes/index.ts'
import { assertClose, failsWithCode } from './harness.ts'
import { assertSamePolicy, ON_POLICY, rewardOfText, TrainerBench, type TrainerVariant } from './trainer-bench.ts'
import type { TrainerCheck, TrainerSuiteOptions } from './trainer-suite.ts'

const STREAMS: readonly RewardStream[] = [
  { name: 'cognitive', scopes: ['cognitive'] },
  { name: 'visual', scopes: ['visual'] },
  { name: 'format', scopes: [] },
]

const WEIGHTS = { cognitive: 1, visual: 1, format: 1 }

/** I32, I34: whole updates on a reward in streams. */
export function registerStreamUpdates(
  check: TrainerCheck,
  options: TrainerSuiteOptions,
  supports: TrainerCapabilities,
): void {
  const grouped = (['grpo', 'rloo', 'reinforce++'] as const).find((one) => supports.estimators.includes(one))
  const estimators = [grouped, supports.critic ? ('gae' as const) : undefined].filter((one) => one !== undefined)
  for (const [mode, estimator] of supports.streams.flatMap((one) => estimators.map((by) => [one, by] as const))) {
    const variant: TrainerVariant = { ...ON_POLICY, estimator, streams: mode, streamWeights: WEIGHTS }
    check(
      `I32 streams ${mode}, ${estimator}: an update learns from them, whatever order and micro-batches; without them it is refused`,
      async (bench) => {
        const batch = streamed(bench.batch(1, await bench.plans(1)), mode === 'split')
        const { streams: _gone, ...without } = batch
        await bench.unchangedBy(async () => {
          const update = () => bench.update(deepFreeze(without))
          await failsWithCode(update, { code: 'DDA_REWARD_STREAMS', what: 'an update without streams' })
        })
        const { metrics } = await bench.update(batch)
        assertClose(metrics['policy/ratio-max'], 1, 1e-4, 'policy/ratio-max')
        const learnt = await bench.signature()
        const turned = { ...variant, microBatch: 3 }
        await TrainerBench.with(options, { variant: turned }, async (other) => {
          const same = streamed(other.batch(1, await other.plans(1)), mode === 'split')
          await other.update(deepFreeze({ ...same, rollouts: same.rollouts.toReversed() }))
          assertSamePolicy(learnt, await other.signature())
        })
      },
      { variant },
    )
    if (estimator !== 'gae') continue
    check(
      `I34 streams ${mode}, gae: one stream teaches what a reward without streams does, and a silent one beside it nothing`,
      async (bench) => {
        const plans = await bench.plans(1)
        await bench.update(bench.batch(1, plans))
        const learnt = await bench.signature()
        for (const names of [['only'], ['only', 'silent']]) {
          const streamWeights = Object.fromEntries(names.map((name) => [name, 1]))
          // Whitened twice under normalized and once elsewhere: the same numbers, where the weight is 1.
          await TrainerBench.with(options, { variant: { ...variant, streamWeights } }, async (other) => {
            const batch = other.batch(1, await other.plans(1))
            const rollouts = batch.rollouts.map((rollout): Rollout => {
              if (rollout.plan === undefined) return rollout
              return { ...rollout, reward: makeReward(rewardOfText(rollout.plan), names) }
            })
            await other.update(deepFreeze({ ...batch, rollouts, streams: names.map((name) => ({ name, scopes: [] })) }))
            assertSamePolicy(learnt, await other.signature())
          })
        }
      },
      { variant: { ...ON_POLICY, estimator } },
    )
  }
}

/** A reward that is all in one stream; each other one is worth the same to everybody. */
function makeReward(total: number, [only = '', ...others]: readonly string[]): Reward {
  const extras = Object.fromEntries([[only, total], ...others.map((name) => [name, 0.25] as const)])
  return { total: total + 0.25 * others.length, components: {}, items: [], extras }
}

function streamed(batch: TrainingBatch, divided: boolean): TrainingBatch {
  const rollouts = batch.rollouts.map((rollout): Rollout => {
    if (rollout.plan === undefined) return rollout
    if (!divided) return { ...rollout, reward: rewardIn(rollout.plan, ['cognitive', 'visual']) }
    const asked = rollout.member % 2 === 0 ? (['cognitive'] as const) : (['visual'] as const)
    return { ...rollout, asked, reward: rewardIn(rollout.plan, asked) }
  })
  return deepFreeze({ ...batch, rollouts, streams: STREAMS })
}

function rewardIn(plan: Plan, scopes: readonly ('cognitive' | 'visual')[]): Reward {
  const share = rewardOfText(plan)
  const items = scopes.map((scope) => ({
    itemId: scope,
    scope,
    passed: true,
    contribution: scope === 'visual' ? share : 1 - share * share,
  }))
  const format = plan.text.length % 2 === 0 ? 0.1 : 0
  const total = items.reduce((sum, { contribution }) => sum + contribution, 0) + format
  return { total, components: {}, items, extras: { format } }
}
