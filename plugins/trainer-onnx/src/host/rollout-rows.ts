import {
  contractErrors,
  type DdaError,
  placeRewards,
  placeStreams,
  type RewardStream,
  type Rollout,
  type ThinkerInput,
  type TrainingBatch,
} from '@dda-thinker/plugin-api'
import { ImageTable, type EncodedInput, type Encoder } from './encoder.ts'
import type { UpdateRow } from '../protocol/plan-rows.ts'

export interface UpdateRows {
  readonly images: readonly Uint8Array[]
  readonly rows: readonly UpdateRow[]
}

/** What a plan must fit to be trained on. */
export interface RowLimits {
  readonly policyVersion: number
  readonly emittable: number
  readonly maxPlan: number
  /** The trace must hold the critic's values. */
  readonly values: boolean
}

/**
 * The rollouts of a step as rows, in an order of their own, so that the order in which they finished changes nothing.
 * Masked rollouts are left out. The reward stands on the tokens that it is credited to.
 * @throws DdaError `DDA_REWARD_NOT_FINITE`, `DDA_REWARD_INVALID`, `DDA_TRAINER_STALE`, `DDA_STEP_ALL_MASKED`, `DDA_TRAINER_INPUT`
 */
export async function updateRows(batch: TrainingBatch, encoder: Encoder, limits: RowLimits): Promise<UpdateRows> {
  const used = batch.rollouts
    .filter((rollout) => rollout.outcome.kind !== 'masked')
    .toSorted((a, b) => compare(a.group, b.group) || a.member - b.member || compare(a.id, b.id))
  if (used.length === 0) {
    throw contractErrors.make('DDA_STEP_ALL_MASKED/nothing-to-learn', { step: batch.step }, { stage: 'update' })
  }
  const table = new ImageTable()
  const rows: UpdateRow[] = []
  const encoded = await encodeInputs(used, batch.inputs, encoder)
  for (const rollout of used) {
    const input = encoded.get(rollout.sampleId)
    if (input === undefined) {
      const sample = rollout.sampleId
      throw contractErrors.make('DDA_TRAINER_INPUT/no-input', { sample }, { sampleId: sample, stage: 'update' })
    }
    const { prompt, image } = input
    const streams = batch.streams === undefined ? [] : streamRewards(rollout, batch.streams)
    rows.push({ prompt, image: table.place(image), streams, ...learnable(rollout, limits) })
  }
  return { images: table.images, rows }
}

/** The inputs that the rollouts need, by sample; pictures are decoded side by side. */
async function encodeInputs(
  rollouts: readonly Rollout[],
  inputs: readonly ThinkerInput[],
  encoder: Encoder,
): Promise<ReadonlyMap<string, EncodedInput>> {
  const needed = new Set(rollouts.map((rollout) => rollout.sampleId))
  const encoding = inputs
    .filter(({ id }) => needed.has(id))
    .map(async (input): Promise<[string, EncodedInput]> => [input.id, await encoder.input(input)])
  return new Map(await Promise.all(encoding))
}

function streamRewards(rollout: Rollout, streams: readonly RewardStream[]): UpdateRow['streams'] {
  const { plan, reward, asked } = rollout
  if (plan === undefined || reward === undefined) return []
  return placeStreams({ plan, reward, ...(asked !== undefined && { asked }) }, streams)
}

function learnable(rollout: Rollout, limits: RowLimits): Omit<UpdateRow, 'prompt' | 'image' | 'streams'> {
  const { plan, reward, group } = rollout
  if (reward === undefined) throw unusable(rollout, 'has no reward')
  const trace = plan?.tokens
  if (plan === undefined || trace === undefined) throw unusable(rollout, 'has a plan without a token trace')
  const { ids, logProbs, ends, temperature } = trace
  const length = ids.length
  if (temperature === undefined) throw unusable(rollout, 'has a token trace without its temperature')
  if (limits.values && trace.values === undefined) throw unusable(rollout, 'has a token trace without values')
  const values = trace.values ?? ids.map(() => 0)
  if (length === 0 || length > limits.maxPlan || [logProbs, values, ends].some((list) => list.length !== length)) {
    throw unusable(rollout, `has a token trace of ${length} tokens that does not fit this policy`)
  }
  if (ids.some((id) => !(id >= 0 && id < limits.emittable))) {
    throw unusable(rollout, 'has tokens that this vocabulary cannot emit')
  }
  const age = limits.policyVersion - plan.policyVersion
  if (age < 0) {
    throw unusable(rollout, `was planned at version ${plan.policyVersion} and the policy is at ${limits.policyVersion}`)
  }
  return { tokens: ids, temperature, logProbs, values, age, group, rewards: placeRewards(plan, reward) }
}

function unusable(rollout: Rollout, problem: string): DdaError {
  const holes = { rollout: rollout.id, sample: rollout.sampleId, problem }
  return contractErrors.make('DDA_TRAINER_STALE/rollout', holes, { sampleId: rollout.sampleId, stage: 'update' })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
