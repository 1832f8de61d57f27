import type { CallOptions, Opens, Thinker, ThinkerInput } from './roles.ts'
import type { Rollout } from './rollout.ts'
import type { TrainerProbe } from './trainer-probe.ts'

export type Estimator = 'gae' | 'grpo' | 'rloo' | 'reinforce++'

/**
 * Whose mean advantage is subtracted from a token's, besides the critic: nobody's; that of the other plans of its group; or that of
 * those among them that share the longest beginning with it.
 */
export type GroupCentre = 'off' | 'plan' | 'prefix'

/** What a trainer can do. An option outside it is a configuration error, never ignored. */
export interface TrainerCapabilities {
  readonly estimators: readonly Estimator[]
  readonly critic: boolean
  /** Group centring that it offers with a critic; off is always there. */
  readonly groupCentre: readonly Exclude<GroupCentre, 'off'>[]
  readonly images: boolean
  readonly lora: boolean
  readonly klPlace: readonly ('reward' | 'loss')[]
  readonly lossAggregation: readonly LossAggregation[]
}

/** How token losses become one number (rl-literature names; verl `agg_loss`). */
export type LossAggregation =
  | 'token-mean'
  | 'token-sum'
  | 'seq-mean-token-sum'
  | 'seq-mean-token-mean'
  | 'seq-mean-token-sum-norm'

/** Rollouts of one step. Masked ones may be present; they contribute nothing, neither above nor below the line. */
export interface TrainingBatch {
  readonly step: number
  readonly rollouts: readonly Rollout[]
  /** What the Thinker saw of the samples in `rollouts`, one for each sample: a resumed trainer has not planned them itself. */
  readonly inputs: readonly ThinkerInput[]
}

/** One plan to imitate. */
export interface Demonstration {
  readonly input: ThinkerInput
  /** The whole plan text. */
  readonly text: string
}

export interface UpdateReport {
  readonly step: number
  /** After the update. */
  readonly policyVersion: number
  /** Finite numbers only, named `policy/loss`, `value/loss`, `kl/reference`, `advantage/mean`, ... */
  readonly metrics: Readonly<Record<string, number>>
}

/** Trains the Thinker. The policy it trains is offered as a {@link Thinker}. */
export interface Trainer extends Opens {
  readonly fingerprint: string
  readonly supports: TrainerCapabilities
  /** The policy under training; its plans carry a token trace. */
  readonly thinker: Thinker
  /** Updates made so far. */
  readonly policyVersion: number
  /**
   * One PPO update on the step's rollouts.
   * @throws DdaError `DDA_REWARD_NOT_FINITE` naming the sample; `DDA_TRAINER_STALE` for plans without token traces.
   */
  update(batch: TrainingBatch, options: CallOptions): Promise<UpdateReport>
  /** One supervised step: cross-entropy on the demonstrations' tokens. Absent: the trainer has no warm start. */
  imitate?(demonstrations: readonly Demonstration[], options: CallOptions): Promise<UpdateReport>
  /** Writes everything that `load` needs for an exact resume into an empty folder. The caller makes it atomic. */
  save(folder: string): Promise<void>
  /** @throws DdaError `DDA_CHECKPOINT_CORRUPT` and leaves the state as it was. */
  load(folder: string): Promise<void>
  /** Writes the trained policy for use elsewhere; returns the files written. */
  export?(folder: string): Promise<readonly string[]>
  /** The trainer's own maths, for the conformance suite; must run the code that training runs. */
  probe?(): TrainerProbe
}
