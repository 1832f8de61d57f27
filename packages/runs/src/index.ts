// Jobs over the engine, the records they leave, and the data they work on.
export { type DataManifest } from './data/data-manifest.ts'
export { type LoadedData, findData, loadData, listSamples, loadSamples } from './data/project-samples.ts'
export { readSamples, scopesOf } from './data/samples-file.ts'
export type { DecisionLine } from './data/decisions.ts'
export { type Funnel, type FunnelStage, readFunnel } from './data/funnel.ts'
export { EXPORT_COLUMNS, type ExportOptions, type ExportResult, exportSamples } from './data/export-samples.ts'
export {
  DATA_PROBLEMS,
  type DataProblem,
  type DataValidation,
  type ProblemLine,
  validateSamples,
} from './data/validate-samples.ts'
export {
  type ProjectPaths,
  type Workspace,
  type WorkspaceOptions,
  openWorkspace,
  projectPaths,
} from './data/workspace.ts'
export { type BenchmarkOptions, type BenchmarkResult, runBenchmark } from './jobs/benchmark.ts'
export { type AnnotateResult, annotate } from './jobs/annotate.ts'
export { checkTraining } from './jobs/check-training.ts'
export { type CurateResult, curate, thinkerOf } from './jobs/curate.ts'
export { type EditOnceOptions, type EditedOnce, editOnce } from './jobs/edit-once.ts'
export { evaluate } from './jobs/evaluate.ts'
export type { EvalResult, EvalThinker, EvaluateOptions, RecordedSource } from './jobs/evaluate-options.ts'
export { type ImitateOptions, imitate } from './jobs/imitate.ts'
export { type RecordedPlans, recordedPlans, recordedThinker } from './jobs/recorded-thinker.ts'
export {
  type ReevaluateOptions,
  type Reevaluation,
  type RejudgeOptions,
  type Rejudgement,
  reedit,
  rejudge,
} from './jobs/reevaluate.ts'
export { type WhatIf, type WhatIfOptions, type WhatIfRollout, rewardWhatIf } from './jobs/reward-what-if.ts'
export {
  type AdvantageSetting,
  advantageSetting,
  findStoredRollout,
  recordedSamples,
  type RewardShare,
  rewardShares,
  stepAdvantagesOf,
  type StoredAdvantage,
  type StoredRollout,
} from './jobs/stored-rewards.ts'
export type { Scoring, ScoreTask } from './jobs/plan-scoring.ts'
export { type ScoringOptions, type ScoringResult, withScoring } from './jobs/scoring.ts'
export { type ExternalTrainOptions, trainExternally } from './jobs/train-externally.ts'
export { policyOf, POLICY_SLOTS } from './record/policy-of.ts'
export { type SampleDesk } from './data/sample-desk.ts'
export { Schedule, type ScheduleOptions } from './jobs/schedule.ts'
export { type DataOptions, type SynthesizeOptions, type SynthesizeResult, synthesize } from './jobs/synthesize.ts'
export { type TrainOptions, train } from './jobs/train.ts'
export type { RunOptions } from './jobs/run-options.ts'
export type { TrainResult } from './jobs/training-plan.ts'
export { listArms, listSamplesOf, type RecordedArm, samplesOf } from './record/arms.ts'
export {
  type ChecklistLine,
  type Checklists,
  checklistProblem,
  openChecklists,
  readChecklist,
} from './record/checklists.ts'
export {
  type BenchmarkArm,
  type BenchmarkDifference,
  type BenchmarkRecord,
  readBenchmarkRecord,
} from './record/benchmark-record.ts'
export { readCauses } from './record/causes.ts'
export { type Checkpoint, latestCheckpoint, soundCheckpoints, verifyCheckpoint } from './record/checkpoints.ts'
export {
  type ImportedAnnotations,
  importAnnotations,
  type SheetOptions,
  type SheetRow,
  sheetRows,
  writeRecords,
} from './record/annotation-sheet.ts'
export {
  type Annotation,
  annotationProblem,
  appendAnnotations,
  currentAnnotations,
  type NewAnnotation,
  readAnnotations,
} from './record/annotations.ts'
export { calibrationItems, type HumanAgreementOptions, readHumanAgreement } from './record/human-agreement.ts'
export type { Bought, CallsAtWork, RunEvents, StepEvent, Task, Work } from './record/events.ts'
export {
  type JournalLine,
  type MetricsLine,
  type RolloutLine,
  type StepLine,
  type ThinkerLine,
  type TimingLine,
  readJournal,
  readJournalWithEnds,
  readMetrics,
  readTimings,
} from './record/journal.ts'
export {
  type RunInfo,
  type RunManifest,
  type RunStatus,
  defaultRunName,
  differences,
  begunBefore,
  listRuns,
  readRun,
} from './record/run-dir.ts'
export { stateAfter } from './record/run-end.ts'
export {
  type PluginTiming,
  readPluginTimings,
  readRunSpending,
  readScores,
  RUN_FILES,
  runFile,
  type RunFile,
  runPath,
} from './record/layout.ts'
export { packRun } from './record/pack-run.ts'
