import { contractErrors, type RewardStream, type TrainerStreams } from '@dda-thinker/plugin-api'
import type { PpoOptions } from './ppo-options.ts'

/** What the options want of the streams of a reward; `undefined`: nothing but their sum. */
export function wantedStreams({ streams }: Pick<PpoOptions, 'streams'>): TrainerStreams | undefined {
  const { mode, weights, planOnly } = streams
  if (mode === 'sum') return undefined
  return { mode, weights, ...(mode === 'split' && { planOnly }) }
}

/**
 * How an update combines the streams of its batch, in their order; `undefined`: rewards are taken whole.
 * @throws DdaError `DDA_REWARD_STREAMS` where streams are wanted and the batch has none
 */
export function updateStreams(
  wanted: TrainerStreams | undefined,
  streams: readonly RewardStream[] | undefined,
): { readonly mode: TrainerStreams['mode']; readonly weights: readonly number[] } | undefined {
  if (wanted === undefined) return undefined
  if (streams === undefined || streams.length === 0) {
    throw contractErrors.make('DDA_REWARD_STREAMS/none', {}, { location: 'trainer.streams', stage: 'update' })
  }
  return { mode: wanted.mode, weights: streams.map(({ name }) => wanted.weights[name] ?? 1) }
}
