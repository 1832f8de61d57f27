export {
  checklistProblem,
  readArms,
  readChecklist,
  readChecklists,
  samplesOf,
  withChecklists,
  type ChecklistLine,
} from './arms.ts'
export { latestCheckpoint, soundCheckpoints, verifyCheckpoint, type Checkpoint } from './checkpoints.ts'
export { curate, thinkerOf, type CurateResult } from './curate.ts'
export { loadData, loadSamples, scopesOf, type DataManifest, type LoadedData } from './data.ts'
export { editOnce, type EditedOnce, type EditOnceOptions } from './edit-once.ts'
export { evaluate, type EvalResult, type EvalThinker, type EvaluateOptions, type RecordedSource } from './evaluate.ts'
export { attributeFailure, type FailureAttribution, type FailureCounts } from './failure-attribution.ts'
export type { Bought, OutcomeCounts, RunEvents, StepEvent, Task } from './events.ts'
export { imitate, type ImitateOptions } from './imitate.ts'
export {
  readJournal,
  readMetrics,
  readTimings,
  type JournalLine,
  type MetricsLine,
  type RolloutLine,
  type StepLine,
  type ThinkerLine,
  type TimingLine,
} from './journal.ts'
export { isSolved, stepMetrics } from './metrics.ts'
export { reedit, rejudge, type Reevaluation, type ReevaluateOptions, type RejudgeOptions } from './reevaluate.ts'
export { recordedThinker } from './recorded-thinker.ts'
export {
  defaultRunName,
  differences,
  listRuns,
  readRun,
  type RunInfo,
  type RunManifest,
  type RunStatus,
} from './run-dir.ts'
export { stateAfter } from './run-end.ts'
export { Schedule, type ScheduleOptions } from './schedule.ts'
export type { EvalScore, EvalSummary } from './scores.ts'
export { synthesize, type DataOptions, type SynthesizeResult } from './synthesize.ts'
export { train, type TrainOptions } from './train.ts'
export type { RunOptions, TrainResult } from './training-session.ts'
export { openWorkspace, projectPaths, type ProjectPaths, type Workspace, type WorkspaceOptions } from './workspace.ts'
