import type { ReportArm, ReportInput } from './report-input.ts'

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
