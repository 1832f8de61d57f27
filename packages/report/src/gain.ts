import { type PairedDifference, SolvedPairs } from '@dda-thinker/evaluation'
import { baselineArm, subjectArm } from './arms.ts'
import type { ReportInput } from './report-input.ts'
import { rowPlaces } from './sample-rows.ts'

/** The subject against its baseline, on the samples that count in both. */
export interface Gain {
  readonly pairs: number
  /** Subject minus baseline. */
  readonly solved: PairedDifference
  readonly bySubtask: Readonly<Record<string, PairedDifference>>
}

const known = new WeakMap<ReportInput, Gain | undefined>()

/** Undefined where there are not both. */
export function gainOf(input: ReportInput): Gain | undefined {
  if (!known.has(input)) known.set(input, gain(input))
  return known.get(input)
}

function gain(input: ReportInput): Gain | undefined {
  const [baseline, subject] = [baselineArm(input), subjectArm(input)]
  if (baseline === undefined || subject === undefined) return undefined
  const pairs = new SolvedPairs()
  for (const { category, subtask, by } of rowPlaces(input, [baseline, subject])) {
    const [before, after] = by
    if (before !== undefined && after !== undefined) pairs.add(category, subtask, before.solved, after.solved)
  }
  const { confidence, seed } = input
  const statistics = { confidence, seed }
  return { pairs: pairs.length, solved: pairs.solved(statistics), bySubtask: pairs.bySubtask(statistics) }
}
