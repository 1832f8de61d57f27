import { isSolved, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import { sortedByKey } from './by-key.ts'
import { type Listed, Lookup } from './listed.ts'
import { bootstrapMean, type Estimate, wilson } from './statistics/interval.ts'

export interface StatisticsOptions {
  /** Default 0.95. */
  readonly confidence?: number
  /** Seed of the bootstrap. Default 1. */
  readonly seed?: number
}

/** What an evaluation of one Thinker under one Editor comes to. */
export interface EvaluationSummary {
  /** Rollouts made. */
  readonly rollouts: number
  /** Scored and gated together: the denominator of all that follows. */
  readonly counted: number
  /** Rollouts with a verdict on every item. */
  readonly scored: number
  /** Not edited because their plan failed the gate; counted as unsolved, their reward as given. */
  readonly gated: number
  /** Left out because a stage failed, by kind of failure. */
  readonly masked: Readonly<Record<string, number>>
  /** Fraction of rollouts that count (scored or gated). */
  readonly coverage: number
  /** Fraction with every item passed, with its Wilson interval. */
  readonly solved: Estimate
  /** Mean total reward, with its bootstrap interval. */
  readonly reward: Estimate
  readonly byCategory: Readonly<Record<string, Estimate>>
  readonly bySubtask: Readonly<Record<string, Estimate>>
}

/** Name a sample's sub-task goes by in tables: `category / subtask`. */
export function subtaskOf(sample: Sample): string {
  return sample.subtask === undefined ? sample.category : `${sample.category} / ${sample.subtask}`
}

/** A summary without the reward, whose interval takes longer than all else. */
export type SolvedSummary = Omit<EvaluationSummary, 'reward'>

/** Outcomes of a group, added up. */
class Share {
  solved = 0
  count = 0

  add(solved: boolean): void {
    this.count += 1
    if (solved) this.solved += 1
  }
}

/** Adds up rollouts, one a sample; its memory grows with categories and sub-tasks alone. */
export class SolvedTally {
  readonly #all = new Share()
  readonly #byCategory = new Map<string, Share>()
  readonly #bySubtask = new Map<string, Share>()
  readonly #masked = new Map<string, number>()
  #total = 0
  #gated = 0

  /** @throws RangeError where the rollout counts and its sample is not given */
  add(rollout: Rollout, sample: Sample | undefined): void {
    this.#total += 1
    const { outcome } = rollout
    if (outcome.kind === 'masked') {
      this.#masked.set(outcome.failure.kind, (this.#masked.get(outcome.failure.kind) ?? 0) + 1)
      return
    }
    if (sample === undefined) throw new RangeError(`Rollout ${rollout.id} is of an unknown sample ${rollout.sampleId}.`)
    const solved = isSolved(rollout, sample.checklist)
    const groups = [entry(this.#byCategory, sample.category), entry(this.#bySubtask, subtaskOf(sample))]
    for (const share of [this.#all, ...groups]) share.add(solved)
    if (outcome.kind === 'gated') this.#gated += 1
  }

  /** @param confidence Two-sided level. Default 0.95. */
  summary(confidence = 0.95): SolvedSummary {
    const proportion = ({ solved, count }: Share) => wilson(solved, count, confidence)
    const each = (shares: ReadonlyMap<string, Share>) =>
      Object.fromEntries(sortedByKey(shares).map(([key, share]) => [key, proportion(share)]))
    const { count } = this.#all
    return {
      rollouts: this.#total,
      counted: count,
      scored: count - this.#gated,
      gated: this.#gated,
      masked: Object.fromEntries(sortedByKey(this.#masked)),
      coverage: this.#total === 0 ? 0 : count / this.#total,
      solved: proportion(this.#all),
      byCategory: each(this.#byCategory),
      bySubtask: each(this.#bySubtask),
    }
  }
}

function entry(shares: Map<string, Share>, key: string): Share {
  const found = shares.get(key) ?? new Share()
  shares.set(key, found)
  return found
}

/**
 * Summarises rollouts, one a sample. Memory holds their rewards and nothing else of them. Rollouts of unknown samples are an error of the caller:
 * RangeError.
 */
export function summariseEvaluation(
  rollouts: Listed<Rollout>,
  samples: Listed<Sample>,
  options: StatisticsOptions = {},
): EvaluationSummary {
  const { confidence = 0.95, seed = 1 } = options
  const lookup = new Lookup(samples, ({ id }) => id)
  const tally = new SolvedTally()
  const rewards: number[] = []
  for (const rollout of rollouts) {
    const { outcome, reward, sampleId } = rollout
    const isMasked = outcome.kind === 'masked'
    tally.add(rollout, isMasked ? undefined : lookup.get(sampleId))
    if (!isMasked && reward !== undefined) rewards.push(reward.total)
  }
  const { byCategory, bySubtask, ...all } = tally.summary(confidence)
  return { ...all, reward: bootstrapMean(rewards, { seed, confidence }), byCategory, bySubtask }
}
