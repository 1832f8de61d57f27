import { errors } from './errors.ts'
import type { Plan } from './plan.ts'
import { placeRewards } from './reward-placement.ts'
import type { ItemContribution, Reward } from './reward.ts'
import type { Rollout } from './rollout.ts'
import { SCOPES, type Scope } from './sample.ts'

/** A part of the reward that can have a baseline of its own. Its shares are those of the items and extras that bear its name. */
export interface RewardStream {
  /** For example `cognitive`, `visual`, `format`. */
  readonly name: string
  /** The halves of the checklist that it is made from; one with the visual half needs an edit. None: the plan alone. */
  readonly scopes: readonly Scope[]
}

/**
 * How streams become an advantage. `sum`: of their sum, as one reward. `normalized` (GDPO, arXiv 2601.05242): each is normalised on
 * its own, weighted, added, and the sum whitened over the batch. `split`: the members of a group are divided, and each stream
 * has its baseline over the members that were asked for it; the others are no zeros in it.
 */
export type StreamMode = 'sum' | 'normalized' | 'split'

/** What a trainer wants of streams; absent: the reward's total is all it reads. */
export interface TrainerStreams {
  /** How streams are combined. */
  readonly mode: Exclude<StreamMode, 'sum'>
  /** Weight of a stream's advantage, by name; 1 where it is not named. */
  readonly weights: Readonly<Record<string, number>>
  /**
   * With `split`: the share of each group that is asked for nothing that needs an edit, in (0, 1); the Editor never sees its plans.
   * The other members are asked for everything else.
   */
  readonly planOnly?: number
  /** Each stream has a value head of its own, so `weights` names all of them; a stream that it does not name is refused. */
  readonly valueHeads?: boolean
}

/** Members of a group of this size that are asked for their plan alone, where that is to be this share of it ({@link TrainerStreams.planOnly}). */
export function planOnlyMembers(groupSize: number, share: number): number {
  return Math.round(share * groupSize)
}

/** Was the rollout asked for the stream? A member of a divided group is not asked for all of them. */
export function isAskedFor(rollout: Pick<Rollout, 'asked'>, stream: RewardStream): boolean {
  return stream.scopes.every((scope) => (rollout.asked ?? SCOPES).includes(scope))
}

/**
 * Holds the streams of a reward to a trainer with a value head for each of those that its weights name.
 * @param stage where it came up, if a run is under way
 * @throws DdaError `DDA_REWARD_STREAMS` naming the first one that has none
 */
export function checkValueHeads(
  wanted: Pick<TrainerStreams, 'weights' | 'valueHeads'>,
  streams: readonly string[],
  stage?: 'update',
): void {
  const stream = wanted.valueHeads === true ? streams.find((name) => wanted.weights[name] === undefined) : undefined
  if (stream === undefined) return
  const where = { location: 'trainer.streams.weights', ...(stage !== undefined && { stage }) }
  throw errors.make('DDA_REWARD_STREAMS/unnamed', { stream, streams: streams.join(', ') }, where)
}

/** The stream of an item's share: the one it names, else that of its scope. */
export function streamOf(item: Pick<ItemContribution, 'stream' | 'scope'>): string {
  return item.stream ?? item.scope
}

/**
 * Puts a rollout's reward on its tokens, stream by stream; their sum is `placeRewards`. An item's share belongs to the stream that
 * {@link streamOf} names, an extra's to the one of its own name.
 *
 * @returns one number a token for each stream, in their order; `undefined` for a stream that the rollout was not asked for
 * @throws DdaError as {@link placeRewards}, and `DDA_REWARD_INVALID` for a share that belongs to no stream, or to one that was not
 * asked for
 */
export function placeStreams(
  rollout: Pick<Rollout, 'asked'> & {
    readonly plan: Pick<Plan, 'sampleId' | 'text' | 'tokens'>
    readonly reward: Reward
  },
  streams: readonly RewardStream[],
): readonly (number[] | undefined)[] {
  const { plan, reward } = rollout
  // Holds the whole of it to the contract first.
  placeRewards(plan, reward)
  const asked = new Set(streams.filter((stream) => isAskedFor(rollout, stream)).map(({ name }) => name))
  const shares: readonly (readonly [stream: string, share: number])[] = [
    ...reward.items.map((item) => [streamOf(item), item.contribution] as const),
    ...Object.entries(reward.extras),
  ]
  const astray = shares.find(([stream, share]) => share !== 0 && !asked.has(stream))
  if (astray !== undefined) {
    throw errors.make(
      'DDA_REWARD_INVALID/astray',
      { sample: plan.sampleId, share: astray[1], stream: astray[0] },
      { sampleId: plan.sampleId, stage: 'update' },
    )
  }
  return streams.map((stream) => {
    if (!asked.has(stream.name)) return undefined
    const items = reward.items.filter((item) => streamOf(item) === stream.name)
    const extras = Object.entries(reward.extras).filter(([name]) => name === stream.name)
    const total = [...items.map(({ contribution }) => contribution), ...extras.map(([, share]) => share)].reduce(
      (sum, share) => sum + share,
      0,
    )
    return placeRewards(plan, { total, components: {}, items, extras: Object.fromEntries(extras) })
  })
}
