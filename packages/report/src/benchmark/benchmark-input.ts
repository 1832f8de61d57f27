import type { Rollout } from '@dda-thinker/plugin-api'
import type { BenchmarkRecord } from '@dda-thinker/runs'
import type { ReportInput, ReportSpending } from '../report-input.ts'

/** What a Thinker did with an item. */
export type BenchmarkAttempt = Pick<Rollout, 'plan' | 'edit'>

/** Everything that the report of a benchmark shows. Rendering reads nothing else, pictures excepted. */
export interface BenchmarkReportInput {
  /** Name of the project. */
  readonly project: string
  readonly run: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly seed: number
  readonly record: BenchmarkRecord
  /** By Thinker, then by item. */
  readonly attempts: ReadonlyMap<string, ReadonlyMap<string, BenchmarkAttempt>>
  /** Rollouts without an edit, by Thinker and kind of failure. */
  readonly failures: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly spending: readonly ReportSpending[]
  readonly facts: ReportInput['facts']
  /** The resolved config, as YAML. */
  readonly config: string
}

/** The Thinker that the report is about: the last. The first is what all are compared with. */
export function benchmarkSubject({ record }: BenchmarkReportInput): string | undefined {
  return Object.keys(record.thinkers).at(-1)
}
