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

/** I32: whole updates on a reward in streams. */
export function registerStreamUpdates(
  check: TrainerCheck,
  options: TrainerSuiteOptions,
  supports: TrainerCapabilities,
): void {
  const estimator = (['grpo', 'rloo', 'reinforce++'] as const).find((one) => supports.estimators.includes(one))
  if (estimator === undefined) return
  for (const mode of supports.streams) {
    const variant: TrainerVariant = { ...ON_POLICY, estimator, streams: mode }
    check(
      `I32 streams ${mode}: an update learns from them, whatever order and micro-batches; without them it is refused`,
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
  }
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
