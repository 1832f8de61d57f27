import {
  contractErrors,
  type DdaError,
  placeRewards,
  placeStreams,
  type RewardStream,
  type Rollout,
  type TrainingBatch,
} from '@dda-thinker/plugin-api'
import type { WirePrompt, WireRow } from './protocol.ts'

/**
 * The rollouts of a step that count, in an order of their own, so that the order in which they finished changes nothing.
 * @throws DdaError `DDA_STEP_ALL_MASKED`
 */
export function countedRollouts({ step, rollouts }: TrainingBatch): readonly Rollout[] {
  const counted = rollouts
    .filter((rollout) => rollout.outcome.kind !== 'masked')
    .toSorted((a, b) => compare(a.group, b.group) || a.member - b.member || compare(a.id, b.id))
  if (counted.length > 0) return counted
  throw contractErrors.make('DDA_STEP_ALL_MASKED/nothing-to-learn', { step }, { stage: 'update' })
}

/**
 * A rollout as the worker takes it, its reward on its tokens, and by stream where the update wants streams. The worker checks the rest: that the trace fits the model, and its age.
 * @throws DdaError `DDA_TRAINER_STALE`, `DDA_TRAINER_INPUT`, `DDA_REWARD_NOT_FINITE`, `DDA_REWARD_INVALID`
 */
export function updateRow(
  rollout: Rollout,
  prompts: ReadonlyMap<string, WirePrompt>,
  streams: readonly RewardStream[] | undefined,
): WireRow {
  const { plan, reward, sampleId, asked } = rollout
  const prompt = prompts.get(sampleId)
  if (prompt === undefined) {
    throw contractErrors.make('DDA_TRAINER_INPUT/no-input', { sample: sampleId }, { sampleId, stage: 'update' })
  }
  if (reward === undefined) throw unusable(rollout, 'has no reward')
  if (plan?.tokens === undefined) throw unusable(rollout, 'has a plan without a token trace')
  const { ids, logProbs, values, ends, temperature } = plan.tokens
  if (temperature === undefined) throw unusable(rollout, 'has a token trace without its temperature')
  return {
    rolloutId: rollout.id,
    group: rollout.group,
    prompt,
    ids,
    logProbs,
    values: values ?? null,
    ends,
    policyVersion: plan.policyVersion,
    temperature,
    rewards: placeRewards(plan, reward),
    streams: (streams === undefined
      ? []
      : placeStreams({ plan, reward, ...(asked !== undefined && { asked }) }, streams)
    ).map((one) => one ?? null),
  }
}

function unusable(rollout: Rollout, problem: string): DdaError {
  const holes = { rollout: rollout.id, sample: rollout.sampleId, problem }
  return contractErrors.make('DDA_TRAINER_STALE/rollout', holes, { sampleId: rollout.sampleId, stage: 'update' })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
