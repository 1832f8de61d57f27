import { checkValueHeads, contractErrors, type RewardStream, type TrainerStreams } from '@dda-thinker/plugin-api'
import type { PpoOptions } from './ppo-options.ts'

/** What the options want of the streams of a reward; `undefined`: nothing but their sum. */
export function wantedStreams({
  advantage,
  streams,
}: Pick<PpoOptions, 'advantage' | 'streams'>): TrainerStreams | undefined {
  const { mode, weights, planOnly } = streams
  if (mode === 'sum') return undefined
  return { mode, weights, ...(mode === 'split' && { planOnly }), ...(advantage === 'gae' && { valueHeads: true }) }
}

/**
 * The streams that have a value head of their own, in the order of the heads; none: one head, of the total. Sorted, because the
 * order in which a config names them must not decide which head is whose.
 */
export function valueStreams(options: Pick<PpoOptions, 'advantage' | 'streams'>): readonly string[] {
  return wantedStreams(options)?.valueHeads === true ? Object.keys(options.streams.weights).toSorted() : []
}

/** How an update combines the streams of its batch, each list in their order. */
export interface BatchStreams {
  readonly mode: TrainerStreams['mode']
  readonly names: readonly string[]
  readonly weights: readonly number[]
  /** Index of each stream's value head among {@link valueStreams}; empty without a critic. */
  readonly heads: readonly number[]
}

/**
 * How an update combines the streams of its batch, in their order; `undefined`: rewards are taken whole.
 * @throws DdaError `DDA_REWARD_STREAMS` where streams are wanted and the batch has none, or one without a value head
 */
export function updateStreams(
  wanted: TrainerStreams | undefined,
  streams: readonly RewardStream[] | undefined,
): BatchStreams | undefined {
  if (wanted === undefined) return undefined
  if (streams === undefined || streams.length === 0) {
    throw contractErrors.make('DDA_REWARD_STREAMS/none', {}, { location: 'trainer.streams', stage: 'update' })
  }
  const names = streams.map(({ name }) => name)
  checkValueHeads(wanted, names, 'update')
  const heads = Object.keys(wanted.weights).toSorted()
  return {
    mode: wanted.mode,
    names,
    weights: names.map((name) => wanted.weights[name] ?? 1),
    heads: wanted.valueHeads === true ? names.map((name) => heads.indexOf(name)) : [],
  }
}
