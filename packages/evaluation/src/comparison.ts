import { assess, counts, DigestSet, isSolved, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import { sortedByKey } from './by-key.ts'
import { type StatisticsOptions, subtaskOf } from './evaluation.ts'
import { type Listed, Lookup } from './listed.ts'
import { pairedDifference, type PairedDifference } from './statistics/interval.ts'

/** A sample whose outcome differs between two evaluations. */
export interface Flip {
  readonly sampleId: string
  readonly category: string
  readonly subtask: string
  readonly instruction: string
  /** `gained`: unsolved in a, solved in b. */
  readonly direction: 'gained' | 'lost'
  /** Ids of the items that changed from failed to passed (gained) or the other way (lost). */
  readonly items: readonly string[]
  /** What these items ask, in their order. */
  readonly questions: readonly string[]
}

export interface EvaluationComparison {
  /** Samples that count in both. */
  readonly pairs: number
  /** Samples left out because one of the two is masked or missing. */
  readonly unpaired: number
  /** Solved in b minus solved in a. */
  readonly solved: PairedDifference
  readonly reward: PairedDifference
  readonly byCategory: Readonly<Record<string, PairedDifference>>
  readonly bySubtask: Readonly<Record<string, PairedDifference>>
  readonly flips: readonly Flip[]
}

export interface CompareOptions extends StatisticsOptions {
  /** The samples as b was judged: with other checklists than a. Default: as a. */
  readonly samplesOfB?: Listed<Sample>
}

/** Whether each sample of a group was solved on either side, 0 or 1. */
class Pairs {
  readonly a: number[] = []
  readonly b: number[] = []

  add(a: number, b: number): void {
    this.a.push(a)
    this.b.push(b)
  }

  difference(options: StatisticsOptions): PairedDifference {
    return pairedDifference(this.a, this.b, options)
  }
}

/** Adds up whether samples were solved on either side. Differences are made as they are asked for: their bootstrap takes longer than the adding. */
export class SolvedPairs {
  readonly #all = new Pairs()
  readonly #byCategory = new Map<string, Pairs>()
  readonly #bySubtask = new Map<string, Pairs>()

  /** @param subtask as {@link subtaskOf} names it */
  add(category: string, subtask: string, before: boolean, after: boolean): void {
    for (const pairs of [this.#all, pairsOf(this.#byCategory, category), pairsOf(this.#bySubtask, subtask)])
      pairs.add(Number(before), Number(after))
  }

  get length(): number {
    return this.#all.a.length
  }

  solved(options: StatisticsOptions): PairedDifference {
    return this.#all.difference(options)
  }

  byCategory(options: StatisticsOptions): Record<string, PairedDifference> {
    return differences(this.#byCategory, options)
  }

  bySubtask(options: StatisticsOptions): Record<string, PairedDifference> {
    return differences(this.#bySubtask, options)
  }
}

function differences(groups: ReadonlyMap<string, Pairs>, options: StatisticsOptions): Record<string, PairedDifference> {
  return Object.fromEntries(sortedByKey(groups).map(([key, pairs]) => [key, pairs.difference(options)]))
}

/** Compares two evaluations of the same samples, pair by pair. Memory holds a few numbers of each pair, and what flipped. */
export function compareEvaluations(
  a: Listed<Rollout>,
  b: Listed<Rollout>,
  samples: Listed<Sample>,
  options: CompareOptions = {},
): EvaluationComparison {
  const { confidence = 0.95, seed = 1, samplesOfB } = options
  const statistics = { confidence, seed }
  const asB = samplesOfB === undefined ? undefined : new Lookup(samplesOfB, ({ id }) => id)
  const [inA, inB] = [a, b].map((rollouts) => new Lookup(rollouts, ({ sampleId }) => sampleId)) as [
    Lookup<Rollout>,
    Lookup<Rollout>,
  ]
  const [solved, rewards] = [new SolvedPairs(), new Pairs()]
  const flips: Flip[] = []
  for (const sample of samples) {
    const [left, right] = [inA.get(sample.id), inB.get(sample.id)]
    const other = asB === undefined ? sample : asB.get(sample.id)
    if (left === undefined || right === undefined || other === undefined) continue
    if (!counts(left.outcome) || !counts(right.outcome)) continue
    const [before, after] = [isSolved(left, sample.checklist), isSolved(right, other.checklist)]
    solved.add(sample.category, subtaskOf(sample), before, after)
    if (left.reward !== undefined && right.reward !== undefined) rewards.add(left.reward.total, right.reward.total)
    if (before !== after) flips.push(flipOf(sample, other, left, right))
  }
  return {
    pairs: solved.length,
    unpaired: samplesIn(a, b) - solved.length,
    solved: solved.solved(statistics),
    reward: rewards.difference(statistics),
    byCategory: solved.byCategory(statistics),
    bySubtask: solved.bySubtask(statistics),
    flips,
  }
}

function pairsOf(groups: Map<string, Pairs>, key: string): Pairs {
  const found = groups.get(key) ?? new Pairs()
  groups.set(key, found)
  return found
}

/** How many samples either side has a rollout of. */
function samplesIn(...arms: readonly Listed<Rollout>[]): number {
  const ids = new DigestSet()
  for (const arm of arms) for (const { sampleId } of arm) ids.add(sampleId)
  return ids.size
}

function flipOf(sample: Sample, other: Sample, left: Rollout, right: Rollout): Flip {
  const gained = isSolved(right, other.checklist)
  const [a, b] = [passedItems(left, sample), passedItems(right, other)]
  const [before, after] = gained ? [a, b] : [b, a]
  // Of the side where they passed; with other checklists an item may be on one side only.
  const items = (gained ? other : sample).checklist.filter(({ id }) => !before.has(id) && after.has(id))
  return {
    sampleId: sample.id,
    category: sample.category,
    subtask: sample.subtask ?? sample.category,
    instruction: sample.instruction,
    direction: gained ? 'gained' : 'lost',
    items: items.map(({ id }) => id),
    questions: items.map(({ question }) => question),
  }
}

function passedItems(rollout: Rollout, { checklist }: Sample): ReadonlySet<string> {
  return new Set(assess(checklist, rollout.verdicts).flatMap(({ item, passed }) => (passed === true ? [item.id] : [])))
}
