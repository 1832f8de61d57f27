import type { Edit } from './edit.ts'
import type { Plan } from './plan.ts'
import type { Reward } from './reward.ts'
import type { Verdict } from './verdict.ts'

/** Why a stage gave no result. Transient kinds may be retried; final ones may not. */
export type FailureKind =
  | 'timeout'
  | 'rate-limit'
  | 'server'
  | 'connection'
  | 'refusal'
  | 'bad-output'
  | 'bad-input'
  | 'unavailable'
  | 'plugin-error'

export interface Failure {
  readonly kind: FailureKind
  readonly stage: 'plan' | 'edit' | 'judge' | 'reward'
  /** Error code, for example `DDA_EDITOR_TIMEOUT`. */
  readonly code: string
  readonly message: string
  readonly plugin?: string
}

/**
 * How a rollout ended. A `masked` one leaves both the numerator and the denominator of the update: a failure is never
 * turned into a number. A `gated` one has a reward from its plan alone: no edit was bought.
 */
export type Outcome =
  | { readonly kind: 'scored' }
  | { readonly kind: 'gated'; readonly reason: string }
  | { readonly kind: 'masked'; readonly failure: Failure }

/** One trip of a sample through plan, edit and judge. */
export interface Rollout {
  readonly id: string
  readonly sampleId: string
  /** Rollouts of the same sample in the same step; they share the Editor's seed. */
  readonly group: string
  /** Position in the group, from 0. */
  readonly member: number
  readonly plan?: Plan
  readonly edit?: Edit
  readonly verdicts: readonly Verdict[]
  readonly reward?: Reward
  readonly outcome: Outcome
}
