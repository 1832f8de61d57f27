import type { OutcomeCounts } from '@dda-thinker/evaluation'
import type { CurationDecision, Rollout, Sample } from '@dda-thinker/plugin-api'

export type Task = 'synthesize' | 'checklist' | 'curate' | 'train' | 'imitate' | 'evaluate' | 'benchmark' | 'serve'

/** Calls that were paid for, and calls that a kept result saved. */
export interface Bought {
  readonly bought: number
  readonly reused: number
}

export interface StepEvent {
  readonly step: number
  readonly steps: number
  readonly policyVersion: number
  readonly metrics: Readonly<Record<string, number>>
  /** Wall clock of the step. */
  readonly seconds: number
  readonly rollouts: number
  readonly counts: OutcomeCounts
  readonly edits: Bought
}

/** Calls of one function of a plugin. */
export interface CallsAtWork {
  readonly plugin: string
  /** `plan`, `edit`, `judge`, `update`, ...; `tap judge` of a tap. */
  readonly call: string
  /** Begun and not ended. */
  readonly running: number
  /** Not begun: they wait for a place. */
  readonly waiting: number
  /** Seconds since the oldest of those that run began. */
  readonly oldest: number
}

/** What goes on at one moment. */
export interface Work {
  readonly calls: readonly CallsAtWork[]
  /** Spent by the run in all its sessions, in the project's currency; absent where nothing has a price. */
  readonly money?: number
}

/** What an operation tells while it runs. All optional and synchronous; a throwing listener ends the run. */
export interface RunEvents {
  /** Units: samples to synthesise or curate, training steps, rollouts of an evaluation, answers. */
  onStart?(event: {
    /** `judge`: answers of a benchmark's judge, after its edits. */
    readonly task: Task | 'judge'
    readonly total: number
    readonly done: number
    /** Step of the checkpoint that the run continues from. */
    readonly resumedFrom?: number
  }): void
  /** Once, when the roles are open: a function that says what goes on when it is called, until the operation ends. */
  onWork?(now: () => Work): void
  /** A finished rollout, in the order of the journal. In training, `done` and `total` count within the step. */
  onRollout?(event: {
    readonly step: number
    readonly thinker?: string
    readonly rollout: Rollout
    readonly done: number
    readonly total: number
  }): void
  onStep?(event: StepEvent): void
  /** An answer of a benchmark's judge. */
  onAnswer?(event: { readonly thinker: string; readonly done: number; readonly total: number }): void
  onSample?(event: { readonly sample: Sample; readonly done: number; readonly total: number }): void
  /** A rollout that a curator asked for was made. Those that an earlier curation stored are not told. */
  onTrial?(event: { readonly rollout: Rollout }): void
  onDecision?(event: { readonly decision: CurationDecision; readonly done: number; readonly total: number }): void
  onCheckpoint?(event: { readonly step: number; readonly folder: string }): void
  onWarning?(message: string): void
}
