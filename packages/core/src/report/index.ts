export * from './matrix.ts'
export {
  compareEvaluations,
  type EvaluationComparison,
  type EvaluationSummary,
  type Flip,
  type ItemFailures,
  itemFailures,
  type StatisticsOptions,
  subtaskOf,
  summariseEvaluation,
} from './evaluation.ts'
export { type RenderOptions, renderReport } from './render-report.ts'
export type { ReportArm, ReportInput, ReportSpending, ReportStep } from './report-input.ts'
export { duration, honestNotes } from './run-notes.ts'
export { type ArmSummary, type Proportion, type Summary, summariseReport } from './summary.ts'
export { collectReport, type CollectOptions, pictureReader } from './collect-report.ts'
