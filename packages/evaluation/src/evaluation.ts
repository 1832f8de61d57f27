import {
  assess,
  type ChecklistItem,
  counts,
  DigestSet,
  isSolved,
  type Rollout,
  type Sample,
} from '@dda-thinker/plugin-api'
import { type Listed, Lookup } from './listed.ts'
import type { Estimate } from './statistics/interval.ts'
import { bootstrapMean, pairedDifference, type PairedDifference, wilson } from './statistics/interval.ts'

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

/** Outcomes of a group, added up. */
class Share {
  solved = 0
  count = 0

  add(solved: boolean): void {
    this.count += 1
    if (solved) this.solved += 1
  }
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
  const all = new Share()
  const [byCategory, bySubtask] = [new Map<string, Share>(), new Map<string, Share>()]
  const masked = new Map<string, number>()
  const rewards: number[] = []
  let [total, gated] = [0, 0]
  for (const rollout of rollouts) {
    total += 1
    const { outcome, reward, sampleId } = rollout
    if (outcome.kind === 'masked') {
      masked.set(outcome.failure.kind, (masked.get(outcome.failure.kind) ?? 0) + 1)
      continue
    }
    const sample = lookup.get(sampleId)
    if (sample === undefined) throw new RangeError(`Rollout ${rollout.id} is of an unknown sample ${sampleId}.`)
    const solved = isSolved(rollout, sample.checklist)
    for (const share of [all, entry(byCategory, sample.category), entry(bySubtask, subtaskOf(sample))])
      share.add(solved)
    if (outcome.kind === 'gated') gated += 1
    if (reward !== undefined) rewards.push(reward.total)
  }
  const proportion = ({ solved, count }: Share) => wilson(solved, count, confidence)
  const each = (shares: ReadonlyMap<string, Share>) =>
    Object.fromEntries(sorted(shares).map(([key, share]) => [key, proportion(share)]))
  return {
    rollouts: total,
    counted: all.count,
    scored: all.count - gated,
    gated,
    masked: Object.fromEntries(sorted(masked)),
    coverage: total === 0 ? 0 : all.count / total,
    solved: proportion(all),
    reward: bootstrapMean(rewards, { seed, confidence }),
    byCategory: each(byCategory),
    bySubtask: each(bySubtask),
  }
}

function entry(shares: Map<string, Share>, key: string): Share {
  const found = shares.get(key) ?? new Share()
  shares.set(key, found)
  return found
}

/** By key, so that tables do not depend on the order of records. */
function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].toSorted(([a], [b]) => order(a, b))
}

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
}

/** Compares two evaluations of the same samples, pair by pair. Memory holds a few numbers of each pair, and what flipped. */
export function compareEvaluations(
  a: Listed<Rollout>,
  b: Listed<Rollout>,
  samples: Listed<Sample>,
  options: CompareOptions = {},
): EvaluationComparison {
  const { confidence = 0.95, seed = 1, samplesOfB } = options
  const asB = samplesOfB === undefined ? undefined : new Lookup(samplesOfB, ({ id }) => id)
  const [inA, inB] = [a, b].map((rollouts) => new Lookup(rollouts, ({ sampleId }) => sampleId)) as [
    Lookup<Rollout>,
    Lookup<Rollout>,
  ]
  const [all, rewards] = [new Pairs(), new Pairs()]
  const [byCategory, bySubtask] = [new Map<string, Pairs>(), new Map<string, Pairs>()]
  const flips: Flip[] = []
  for (const sample of samples) {
    const [left, right] = [inA.get(sample.id), inB.get(sample.id)]
    const other = asB === undefined ? sample : asB.get(sample.id)
    if (left === undefined || right === undefined || other === undefined) continue
    if (!counts(left.outcome) || !counts(right.outcome)) continue
    const [before, after] = [isSolved(left, sample.checklist), isSolved(right, other.checklist)]
    for (const pairs of [all, pairsOf(byCategory, sample.category), pairsOf(bySubtask, subtaskOf(sample))])
      pairs.add(Number(before), Number(after))
    if (left.reward !== undefined && right.reward !== undefined) rewards.add(left.reward.total, right.reward.total)
    if (before !== after) flips.push(flipOf(sample, other, left, right))
  }
  const difference = (pairs: Pairs) => pairedDifference(pairs.a, pairs.b, { seed, confidence })
  const each = (groups: ReadonlyMap<string, Pairs>) =>
    Object.fromEntries(sorted(groups).map(([key, pairs]) => [key, difference(pairs)]))
  return {
    pairs: all.a.length,
    unpaired: samplesIn(a, b) - all.a.length,
    solved: difference(all),
    reward: difference(rewards),
    byCategory: each(byCategory),
    bySubtask: each(bySubtask),
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

/** How often each item of a sub-task failed among the rollouts that count. */
export interface ItemFailures {
  readonly subtask: string
  readonly itemId: string
  readonly scope: ChecklistItem['scope']
  /** Of the first sample met. */
  readonly example: string
  readonly asked: number
  readonly failed: number
}

/** Items grouped by sub-task and item id, most often failed first. */
export function itemFailures(rollouts: Listed<Rollout>, samples: Listed<Sample>): readonly ItemFailures[] {
  const lookup = new Lookup(samples, ({ id }) => id)
  const table = new Map<string, { row: Omit<ItemFailures, 'asked' | 'failed'>; asked: number; failed: number }>()
  for (const rollout of rollouts) {
    if (!counts(rollout.outcome)) continue
    const sample = lookup.get(rollout.sampleId)
    if (sample === undefined) continue
    for (const { item, passed } of assess(sample.checklist, rollout.verdicts)) {
      if (passed === undefined) continue
      const subtask = subtaskOf(sample)
      const key = JSON.stringify([subtask, item.scope, item.id])
      const row = { subtask, itemId: item.id, scope: item.scope, example: item.question }
      const entry = table.get(key) ?? { row, asked: 0, failed: 0 }
      entry.asked += 1
      if (!passed) entry.failed += 1
      table.set(key, entry)
    }
  }
  return [...table.values()]
    .map(({ row, asked, failed }) => ({ ...row, asked, failed }))
    .toSorted((x, y) => y.failed - x.failed || y.failed / y.asked - x.failed / x.asked || order(x.subtask, y.subtask))
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
