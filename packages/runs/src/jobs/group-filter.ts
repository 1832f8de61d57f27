import { counts, isAskedFor, type RewardStream, type Rollout, streamOf } from '@dda-thinker/plugin-api'
import type { ProjectConfig } from '@dda-thinker/config'
import { errors } from '../errors.ts'

/** Which groups an update learns from, and how often others are drawn in place of those that it does not (`train.filter`). */
export type GroupFilter = NonNullable<ProjectConfig['train']['filter']>

/** Why a group is kept or not: every one has exactly one. */
const VERDICTS = ['kept', 'masked', 'no_spread', 'too_hard', 'too_easy'] as const
type Verdict = (typeof VERDICTS)[number]

/**
 * The groups of one step, sorted into those with a signal and those without, after dynamic sampling (DAPO, arXiv 2503.14476) and the
 * online filter of EasyR1: where all rewards of a group are alike, so are their advantages, and nothing is learned from its edits.
 */
export class GroupSieve {
  readonly #filter: GroupFilter
  readonly #streams: readonly RewardStream[] | undefined
  readonly #found: Record<Verdict, number> = { kept: 0, masked: 0, no_spread: 0, too_hard: 0, too_easy: 0 }
  readonly #kept: Rollout[] = []
  #refills = -1

  /** @param streams those of the reward, where each has a baseline of its own; spread in one of them is a signal */
  constructor(filter: GroupFilter, streams: readonly RewardStream[] | undefined) {
    this.#filter = filter
    this.#streams = streams
  }

  /** Takes whole groups, the rollouts of each next to each other. */
  add(rollouts: readonly Rollout[]): void {
    this.#refills += 1
    const groups = new Map<string, Rollout[]>()
    for (const rollout of rollouts) groups.set(rollout.group, [...(groups.get(rollout.group) ?? []), rollout])
    for (const group of groups.values()) {
      const verdict = this.#judge(group)
      this.#found[verdict] += 1
      if (verdict === 'kept') this.#kept.push(...group)
    }
  }

  /** Groups that an update learns from so far. */
  get groups(): number {
    return this.#found.kept
  }

  /** Their rollouts, masked ones included. */
  get rollouts(): readonly Rollout[] {
    return this.#kept
  }

  /** `groups/drawn`, `groups/refills`, and how many groups got each verdict; the latter sum up to what was drawn. */
  metrics(): Record<string, number> {
    const found = VERDICTS.map((verdict) => [`groups/${verdict}`, this.#found[verdict]] as const)
    const drawn = found.reduce((sum, [, count]) => sum + count, 0)
    return { 'groups/drawn': drawn, 'groups/refills': this.#refills, ...Object.fromEntries(found) }
  }

  #judge(group: readonly Rollout[]): Verdict {
    const { minStd, minMean, maxMean } = this.#filter
    const counted = group.filter(({ outcome, reward }) => counts(outcome) && reward !== undefined)
    if (counted.length < 2) return 'masked'
    // Members that were asked for a part have another scale.
    const whole = counted.filter(({ asked }) => asked === undefined)
    const rewards = (whole.length === 0 ? counted : whole).map(({ reward }) => reward?.total ?? 0)
    const average = mean(rewards)
    if (minMean !== undefined && average < minMean) return 'too_hard'
    if (maxMean !== undefined && average > maxMean) return 'too_easy'
    return this.#series(counted).some((values) => values.length > 1 && deviation(values) >= minStd)
      ? 'kept'
      : 'no_spread'
  }

  /** What advantages are made from: the totals, or each stream over the members that were asked for it. */
  #series(group: readonly Rollout[]): readonly (readonly number[])[] {
    if (this.#streams === undefined) return [group.map(({ reward }) => reward?.total ?? 0)]
    return this.#streams.map((stream) =>
      group
        .filter((rollout) => isAskedFor(rollout, stream))
        .map(({ reward }) => {
          const items = (reward?.items ?? []).filter((item) => streamOf(item) === stream.name)
          return items.reduce((sum, { contribution }) => sum + contribution, reward?.extras[stream.name] ?? 0)
        }),
    )
  }
}

/** @throws DdaError `DDA_CONFIG_INVALID` for a filter that no group could pass */
export function checkFilter(filter: GroupFilter, groupSize: number): void {
  const { minMean = Number.NEGATIVE_INFINITY, maxMean = Number.POSITIVE_INFINITY } = filter
  if (groupSize < 2) throw errors.make('DDA_CONFIG_INVALID/filter-group', {}, { location: 'train.filter' })
  if (minMean > maxMean) {
    throw errors.make('DDA_CONFIG_INVALID/filter-band', { minMean, maxMean }, { location: 'train.filter' })
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Of the population. */
function deviation(values: readonly number[]): number {
  const average = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - average) ** 2)))
}
