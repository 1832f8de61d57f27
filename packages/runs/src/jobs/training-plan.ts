import type { Plan, TrainedPolicy } from '@dda-thinker/plugin-api'
import type { Ledger } from '@dda-thinker/core'
import type { FailureCause } from '@dda-thinker/evaluation'
import type { AppendLog } from '@dda-thinker/store'
import type { StepLine, TimingLine } from '../record/journal.ts'
import type { RunManifest } from '../record/run-dir.ts'
import type { BudgetEnd } from './budget-end.ts'

export interface TrainResult {
  readonly state: 'finished' | 'interrupted'
  readonly step: number
  readonly steps: number
  /** Of an interrupted run that may spend no more: which budget, and what to do. */
  readonly budget?: BudgetEnd
  /** Step of the checkpoint that this call continued from; 0 for a new run. */
  readonly resumedFrom: number
  readonly runDir: string
  /** Folder of the last checkpoint. */
  readonly checkpoint?: string
  /** Files of the exported policy. */
  readonly exported: readonly string[]
  /** Wall clock of this call. */
  readonly seconds: number
}

/** What one step hands to the session. */
export interface StepResult {
  readonly policyVersion: number
  readonly metrics: Readonly<Record<string, number>>
  /** Why rollouts of the step are masked. */
  readonly causes: readonly FailureCause[]
  readonly line: StepLine
  readonly timing: TimingLine
}

export interface TrainingPlan {
  readonly trainer: TrainedPolicy
  readonly manifest: RunManifest
  readonly ledger: Ledger
  readonly steps: number
  readonly checkpointEvery: number
  readonly keepCheckpoints: number
  /** Checkpoint folder whose weights a new run begins with. */
  readonly initFrom?: string
  /**
   * A checkpoint may be written between any two steps. False where the trainer can save its state after some only: what continues
   * from the scheduled ones alone is exact. Default true.
   */
  readonly savesAtAnyStep?: boolean
  /** Plans of a step that have been made, and that whoever continues before it is to use again. Default: none. */
  plansOf?(step: number): readonly Plan[]
  /** Rollout lines may be appended to the journal while it runs. Sets `session.updating` around the trainer's update. */
  runStep(step: number, session: TrainingSession): Promise<StepResult>
}

export interface TrainingSession {
  readonly journal: AppendLog
  /** By the id of their request, of the step after the checkpoint that the run continued from. */
  readonly plansAhead: ReadonlyMap<string, Plan>
  /** True while the trainer's state is between two steps. */
  updating: boolean
}
