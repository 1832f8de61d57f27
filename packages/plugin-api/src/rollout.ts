import type { Edit } from './edit.ts'
import type { Plan } from './plan.ts'
import type { Reward } from './reward.ts'
import type { Scope } from './sample.ts'
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

/** Why a rollout is masked. */
export interface Failure {
  /** Decides whether it is worth another try. */
  readonly kind: FailureKind
  /** Where it happened. */
  readonly stage: 'plan' | 'edit' | 'judge' | 'reward'
  /** Error code, for example `DDA_EDITOR_TIMEOUT`. */
  readonly code: string
  /** For people. */
  readonly message: string
  /** What a person should do next, where the error says so: one sentence. */
  readonly next?: string
  /** The plugin that failed, by its `id` or else its name. */
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
  /** Unique in a run: step, sample and member. */
  readonly id: string
  /** The id of the {@link Sample}. */
  readonly sampleId: string
  /** Rollouts of the same sample in the same step; they share the Editor's seed. */
  readonly group: string
  /** Position in the group, from 0. */
  readonly member: number
  /** Absent where planning failed. */
  readonly plan?: Plan
  /** Absent where no edit was made: gated, masked before it, or failed. */
  readonly edit?: Edit
  /**
   * The halves of the checklist that it was asked, where its group is divided among the streams of the reward
   * ({@link TrainerStreams}). What was not asked is neither passed nor failed, and no zero. Absent: both.
   */
  readonly asked?: readonly Scope[]
  /** Of the items that were asked. */
  readonly verdicts: readonly Verdict[]
  /** Absent where masked, and where nothing is rewarded, as in benchmarks. */
  readonly reward?: Reward
  /** Whether and how it counts; see {@link counts}. */
  readonly outcome: Outcome
}
