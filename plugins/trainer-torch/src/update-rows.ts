import {
  DdaError,
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
  throw new DdaError('DDA_STEP_ALL_MASKED', `every rollout of step ${step} is masked: there is nothing to learn`, {
    stage: 'update',
    next: 'Look at the failures of the step in the journal and mend their cause; the run can then be resumed.',
  })
}

/**
 * A rollout as the worker takes it, its reward on its tokens. The worker checks the rest: that the trace fits the model, and its age.
 * @throws DdaError `DDA_TRAINER_STALE`, `DDA_TRAINER_INPUT`, `DDA_REWARD_NOT_FINITE`, `DDA_REWARD_INVALID`
 */
export function updateRow(
  rollout: Rollout,
  prompts: ReadonlyMap<string, WirePrompt>,
  streams: readonly RewardStream[] = [],
): WireRow {
  const { plan, reward, sampleId, asked } = rollout
  const prompt = prompts.get(sampleId)
  if (prompt === undefined) {
    throw new DdaError('DDA_TRAINER_INPUT', `the batch has no input for sample ${sampleId}`, {
      sampleId,
      stage: 'update',
      next: 'Pass the inputs of all samples of the rollouts in `batch.inputs`.',
    })
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
    streams: placeStreams({ plan, reward, ...(asked !== undefined && { asked }) }, streams).map((one) => one ?? null),
  }
}

function unusable(rollout: Rollout, problem: string): DdaError {
  return new DdaError('DDA_TRAINER_STALE', `rollout ${rollout.id} of sample ${rollout.sampleId} ${problem}`, {
    sampleId: rollout.sampleId,
    stage: 'update',
    next: 'Train on plans of this trainer only, at most `maxStaleness` updates old; plan the sample again.',
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
