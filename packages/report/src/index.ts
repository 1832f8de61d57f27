// The page that people look at.
export { type CollectOptions, collectReport, pictureReader } from './collect-report.ts'
export { type RenderOptions, renderReport } from './render-report.ts'
export type { ReportArm, ReportInput, ReportSpending, ReportStep } from './report-input.ts'
export { duration, honestNotes } from './run-notes.ts'
export { type ArmSummary, type Proportion, type Summary, summariseReport } from './summary.ts'
