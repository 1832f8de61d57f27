import type { Estimate } from '@dda-thinker/evaluation'
import { summaryOf } from './arm-facts.ts'
import type { ReportInput } from './report-input.ts'

/** A proportion and its interval; all null where nothing could be scored. */
export interface Proportion {
  readonly solved: number | null
  readonly low: number | null
  readonly high: number | null
}

export interface ArmSummary extends Proportion {
  readonly byCategory: Readonly<Record<string, Proportion>>
}

/** `summary.json`: the headline as numbers, for scripts. */
export interface Summary {
  readonly heldOut: Readonly<Record<string, ArmSummary>>
  /** Wall-clock seconds; null where not measured. */
  readonly seconds: { readonly setup: number | null; readonly train: number | null; readonly total: number | null }
  readonly seed: number
}

export function summariseReport(input: ReportInput): Summary {
  const arms = input.arms.map((arm) => {
    const evaluation = summaryOf(arm, input)
    const byCategory = Object.fromEntries(
      Object.entries(evaluation.byCategory).map(([category, estimate]) => [category, proportion(estimate)]),
    )
    return [arm.id, { ...proportion(evaluation.solved), byCategory }] as const
  })
  const { setup, train, total } = input.seconds
  return {
    heldOut: Object.fromEntries(arms),
    seconds: { setup: setup ?? null, train: train ?? null, total: total ?? null },
    seed: input.seed,
  }
}

function proportion(estimate: Estimate): Proportion {
  return { solved: estimate.value ?? null, low: estimate.low ?? null, high: estimate.high ?? null }
}
