import {
  compareEvaluations,
  type EvaluationComparison,
  type EvaluationSummary,
  Lookup,
  subtaskOf,
  summariseEvaluation,
} from '@dda-thinker/evaluation'
import { counts, isSolved, type Rollout, type Sample } from '@dda-thinker/plugin-api'
import type { ReportArm, ReportInput } from './report-input.ts'

/** One arm's rollout of one sample. */
export interface ArmRollout {
  readonly arm: ReportArm
  readonly rollout: Rollout
  readonly solved: boolean
}

/** A sample with what each arm made of it. */
export interface SampleRow {
  readonly sample: Sample
  readonly by: ReadonlyMap<string, ArmRollout>
}

/** What arms made of a sample, in a few numbers: where its rollouts stand in their arms, masked ones left out, and whether they solved it. */
export interface RowPlace {
  /** Of the sample. */
  readonly place: number
  readonly category: string
  readonly subtask: string
  readonly by: readonly (Pick<ArmRollout, 'arm' | 'solved'> & { readonly place: number })[]
}

/** Rows of some arms in the order of the samples. */
export function* rowPlaces(input: ReportInput, arms: readonly ReportArm[]): Generator<RowPlace, void, void> {
  const lookups = arms.map((arm) => ({ arm, lookup: new Lookup(arm.rollouts, ({ sampleId }) => sampleId) }))
  const same = new Map<string, string>()
  /** Equal texts of a million samples are one. */
  const shared = (text: string): string => same.get(text) ?? (same.set(text, text), text)
  let place = 0
  for (const sample of input.samples) {
    const by = lookups.flatMap(({ arm, lookup }) => {
      const found = lookup.find(sample.id)
      if (found === undefined || !counts(found.value.outcome)) return []
      return [{ arm, place: found.place, solved: isSolved(found.value, sample.checklist) }]
    })
    yield { place, category: shared(sample.category), subtask: shared(subtaskOf(sample)), by }
    place += 1
  }
}

/** The sample and the rollouts themselves. */
export function sampleRow(input: ReportInput, { place, by }: RowPlace): SampleRow {
  const sample = input.samples.at(place)
  if (sample === undefined) throw new RangeError(`there is no sample at ${place}`)
  const rollouts = by.flatMap(({ arm, place: at, solved }) => {
    const rollout = arm.rollouts.at(at)
    return rollout === undefined ? [] : [[arm.id, { arm, rollout, solved }] as const]
  })
  return { sample, by: new Map(rollouts) }
}

const summaries = new WeakMap<ReportArm, { readonly input: ReportInput; readonly summary: EvaluationSummary }>()

/** What an arm comes to; several sections say it, and a million rollouts are gone through once. */
export function summaryOf(arm: ReportArm, input: ReportInput): EvaluationSummary {
  const known = summaries.get(arm)
  if (known?.input === input) return known.summary
  const summary = summariseEvaluation(arm.rollouts, input.samples, input)
  summaries.set(arm, { input, summary })
  return summary
}

const comparisons = new WeakMap<ReportInput, EvaluationComparison | undefined>()

/** The subject against its baseline; undefined where there are not both. */
export function gainOf(input: ReportInput): EvaluationComparison | undefined {
  if (comparisons.has(input)) return comparisons.get(input)
  const [baseline, subject] = [baselineArm(input), subjectArm(input)]
  const comparison =
    baseline === undefined || subject === undefined
      ? undefined
      : compareEvaluations(baseline.rollouts, subject.rollouts, input.samples, input)
  comparisons.set(input, comparison)
  return comparison
}

/** The arm a report is about: `trained`, or the last. */
export function subjectArm(input: ReportInput): ReportArm | undefined {
  return input.arms.find(({ id }) => id === 'trained') ?? input.arms.at(-1)
}

/** The arm it is compared with: `base`, or the one before the subject. */
export function baselineArm(input: ReportInput): ReportArm | undefined {
  const subject = subjectArm(input)
  const others = input.arms.filter((arm) => arm !== subject)
  return others.find(({ id }) => id === 'base') ?? others.at(-1)
}

/** Class that colours an arm. */
export function toneOf(arm: ReportArm, input: ReportInput): string {
  if (arm === subjectArm(input)) return 'arm-subject'
  return arm === baselineArm(input) ? 'arm-baseline' : 'arm-other'
}
