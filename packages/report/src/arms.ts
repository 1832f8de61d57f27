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

/** Rows in the order of the samples, masked rollouts left out. */
export function sampleRows(input: ReportInput): readonly SampleRow[] {
  const indexed = input.arms.map(
    (arm) =>
      [
        arm,
        new Map(arm.rollouts.filter(({ outcome }) => counts(outcome)).map((rollout) => [rollout.sampleId, rollout])),
      ] as const,
  )
  return input.samples.map((sample) => {
    const by = new Map<string, ArmRollout>()
    for (const [arm, rollouts] of indexed) {
      const rollout = rollouts.get(sample.id)
      if (rollout !== undefined) by.set(arm.id, { arm, rollout, solved: isSolved(rollout, sample.checklist) })
    }
    return { sample, by }
  })
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
