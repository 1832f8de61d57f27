import type { PlanRow, SampledPlan, SampleRow, ScoredPlan, Scorer, UpdateRow, UpdateStreams } from './plan-rows.ts'
import type { LearnerSettings } from './settings.ts'
import type { LearnerSnapshot } from './snapshot.ts'
import type { ErrorMessage } from './worker-error.ts'

export type Metrics = Record<string, number>

/** Of one step of the encoder's pretraining. */
export interface PretrainingMetrics {
  /** Mean cross-entropy in nats. */
  readonly loss: number
  /** Share of right answers among the patches that do not show the most frequent class of the batch (usually: nothing). */
  readonly accuracy: number
}

/** What the worker can be asked for: arguments and result of each method. */
export interface WorkerMethods {
  start: { readonly args: { readonly settings: LearnerSettings; readonly theta: Float32Array }; readonly result: null }
  sample: {
    readonly args: { readonly images: readonly Uint8Array[]; readonly rows: readonly SampleRow[] }
    readonly result: SampledPlan[]
  }
  score: {
    readonly args: {
      readonly images: readonly Uint8Array[]
      readonly rows: readonly PlanRow[]
      readonly which: Scorer
    }
    readonly result: ScoredPlan[]
  }
  update: {
    readonly args: {
      readonly images: readonly Uint8Array[]
      readonly rows: readonly UpdateRow[]
      /** undefined: rewards are taken whole. */
      readonly streams: UpdateStreams | undefined
    }
    readonly result: Metrics
  }
  imitate: {
    readonly args: { readonly images: readonly Uint8Array[]; readonly rows: readonly PlanRow[] }
    readonly result: Metrics
  }
  /** Hash of the current weights, 12 hex digits. */
  identify: { readonly args: null; readonly result: string }
  pretrain: {
    readonly args: {
      readonly images: readonly Uint8Array[]
      readonly labels: readonly (readonly number[])[]
      readonly learningRate: number
    }
    readonly result: PretrainingMetrics
  }
  snapshot: { readonly args: null; readonly result: LearnerSnapshot }
  restore: { readonly args: LearnerSnapshot; readonly result: null }
  stop: { readonly args: null; readonly result: null }
}

export type WorkerMethod = keyof WorkerMethods

export interface WorkerRequest<M extends WorkerMethod = WorkerMethod> {
  readonly id: number
  readonly method: M
  readonly args: WorkerMethods[M]['args']
  /** One Int32 that the caller sets to 1 to cancel; shared, because a busy worker reads no messages. */
  readonly cancel: Int32Array
}

export type WorkerResponse =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorMessage }
