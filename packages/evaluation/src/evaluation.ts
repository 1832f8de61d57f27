import { assess, type ChecklistItem, counts, isSolved, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import type { Estimate } from './statistics/interval.ts'
import { bootstrapMean, groupBy, pairedDifference, type PairedDifference, wilson } from './statistics/interval.ts'

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

/** Summarises rollouts, one a sample. Rollouts of unknown samples are an error of the caller: RangeError. */
export function summariseEvaluation(
  rollouts: readonly Rollout[],
  samples: readonly Sample[],
  options: StatisticsOptions = {},
): EvaluationSummary {
  const { confidence = 0.95, seed = 1 } = options
  const byId = new Map(samples.map((sample) => [sample.id, sample]))
  const rows = rollouts
    .filter(({ outcome }) => counts(outcome))
    .map((rollout) => {
      const sample = byId.get(rollout.sampleId)
      if (sample === undefined)
        throw new RangeError(`Rollout ${rollout.id} is of an unknown sample ${rollout.sampleId}.`)
      return { rollout, sample, solved: isSolved(rollout, sample.checklist) }
    })
  const proportion = (group: typeof rows) =>
    wilson(group.filter(({ solved }) => solved).length, group.length, confidence)
  const grouped = (keyOf: (sample: Sample) => string) =>
    Object.fromEntries(
      [...groupBy(rows, ({ sample }) => keyOf(sample))].map(([key, group]) => [key, proportion([...group])]),
    )
  const rewards = rows.flatMap(({ rollout }) => (rollout.reward === undefined ? [] : [rollout.reward.total]))
  return {
    rollouts: rollouts.length,
    counted: rows.length,
    scored: rows.filter(({ rollout }) => rollout.outcome.kind === 'scored').length,
    gated: rows.filter(({ rollout }) => rollout.outcome.kind === 'gated').length,
    masked: countBy(rollouts.flatMap(({ outcome }) => (outcome.kind === 'masked' ? [outcome.failure.kind] : []))),
    coverage: rollouts.length === 0 ? 0 : rows.length / rollouts.length,
    solved: proportion(rows),
    reward: bootstrapMean(rewards, { seed, confidence }),
    byCategory: grouped((sample) => sample.category),
    bySubtask: grouped(subtaskOf),
  }
}

/** A sample whose outcome differs between two evaluations. */
export interface Flip {
  readonly sampleId: string
  readonly category: string
  readonly subtask: string
  /** `gained`: unsolved in a, solved in b. */
  readonly direction: 'gained' | 'lost'
  /** Ids of the items that changed from failed to passed (gained) or the other way (lost). */
  readonly items: readonly string[]
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
  readonly samplesOfB?: readonly Sample[]
}

/** Compares two evaluations of the same samples, pair by pair. */
export function compareEvaluations(
  a: readonly Rollout[],
  b: readonly Rollout[],
  samples: readonly Sample[],
  options: CompareOptions = {},
): EvaluationComparison {
  const { confidence = 0.95, seed = 1, samplesOfB = samples } = options
  const asB = new Map(samplesOfB.map((sample) => [sample.id, sample]))
  const [inA, inB] = [index(a), index(b)]
  const pairs = samples.flatMap((sample) => {
    const [left, right] = [inA.get(sample.id), inB.get(sample.id)]
    const other = asB.get(sample.id)
    if (left === undefined || right === undefined || other === undefined) return []
    const solved = [isSolved(left, sample.checklist), isSolved(right, other.checklist)] as const
    return [{ sample, other, left, right, solved }]
  })
  const difference = (group: readonly (typeof pairs)[number][]) =>
    pairedDifference(
      group.map(({ solved }) => Number(solved[0])),
      group.map(({ solved }) => Number(solved[1])),
      { seed, confidence },
    )
  const grouped = (keyOf: (sample: Sample) => string) =>
    Object.fromEntries(
      [...groupBy(pairs, ({ sample }) => keyOf(sample))].map(([key, group]) => [key, difference(group)]),
    )
  const rewarded = pairs.filter(({ left, right }) => left.reward !== undefined && right.reward !== undefined)
  const asked = new Set([...a, ...b].map(({ sampleId }) => sampleId))
  return {
    pairs: pairs.length,
    unpaired: asked.size - pairs.length,
    solved: difference(pairs),
    reward: pairedDifference(
      rewarded.map(({ left }) => left.reward?.total ?? Number.NaN),
      rewarded.map(({ right }) => right.reward?.total ?? Number.NaN),
      { seed, confidence },
    ),
    byCategory: grouped((sample) => sample.category),
    bySubtask: grouped(subtaskOf),
    flips: pairs.flatMap(({ sample, other, left, right, solved }) => {
      if (solved[0] === solved[1]) return []
      const gained = solved[1]
      const [a, b] = [passedItems(left, sample), passedItems(right, other)]
      const [before, after] = gained ? [a, b] : [b, a]
      // Of the side where they passed; with other checklists an item may be on one side only.
      const items = (gained ? other : sample).checklist.filter(({ id }) => !before.has(id) && after.has(id))
      return [
        {
          sampleId: sample.id,
          category: sample.category,
          subtask: sample.subtask ?? sample.category,
          direction: gained ? ('gained' as const) : ('lost' as const),
          items: items.map(({ id }) => id),
        },
      ]
    }),
  }
}

function passedItems(rollout: Rollout, { checklist }: Sample): ReadonlySet<string> {
  return new Set(assess(checklist, rollout.verdicts).flatMap(({ item, passed }) => (passed === true ? [item.id] : [])))
}

function index(rollouts: readonly Rollout[]): ReadonlyMap<string, Rollout> {
  return new Map(rollouts.filter(({ outcome }) => counts(outcome)).map((rollout) => [rollout.sampleId, rollout]))
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
export function itemFailures(rollouts: readonly Rollout[], samples: readonly Sample[]): readonly ItemFailures[] {
  const byId = new Map(samples.map((sample) => [sample.id, sample]))
  const table = new Map<string, { row: Omit<ItemFailures, 'asked' | 'failed'>; asked: number; failed: number }>()
  for (const rollout of rollouts.filter(({ outcome }) => counts(outcome))) {
    const sample = byId.get(rollout.sampleId)
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

function countBy(values: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...groupBy(values, (value) => value)].map(([key, group]) => [key, group.length]))
}
