import type { CallOptions } from './role-context.ts'
import type { ThinkerInput } from './thinker.ts'
import type { TrainedPolicy } from './trained-policy.ts'
import type { RewardStream, StreamMode, TrainerStreams } from './reward-streams.ts'
import type { Rollout } from './rollout.ts'
import type { TrainerProbe } from './trainer-probe.ts'
import type { TrainingSettings } from './training-settings.ts'

/** How advantages are estimated: GAE with a critic (Schulman et al. 2016), or a baseline from the group (GRPO, RLOO) or the batch (REINFORCE++). */
export type Estimator = 'gae' | 'grpo' | 'rloo' | 'reinforce++'

/**
 * Whose mean advantage is subtracted from a token's, besides the critic: nobody's; that of the other plans of its group; or that of
 * those among them that share the longest beginning with it.
 */
export type GroupCentre = 'off' | 'plan' | 'prefix'

/** What a trainer can do. An option outside it is a configuration error, never ignored. */
export interface TrainerCapabilities {
  /** Estimators it has. */
  readonly estimators: readonly Estimator[]
  /** Has it a critic? */
  readonly critic: boolean
  /** Group centring that it offers with a critic; off is always there. */
  readonly groupCentre: readonly Exclude<GroupCentre, 'off'>[]
  /** Ways to combine the streams of a reward that it has; their sum is always there. */
  readonly streams: readonly Exclude<StreamMode, 'sum'>[]
  /** Does its policy see the source pictures? */
  readonly images: boolean
  /** Can it train low-rank adapters alone? */
  readonly lora: boolean
  /** Where the KL to the reference policy may enter. */
  readonly klPlace: readonly ('reward' | 'loss')[]
  /** Aggregations it has. */
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
  /** From 1. */
  readonly step: number
  /** All of the step, whole groups. */
  readonly rollouts: readonly Rollout[]
  /** What the Thinker saw of the samples in `rollouts`, one for each sample: a resumed trainer has not planned them itself. */
  readonly inputs: readonly ThinkerInput[]
  /** The streams of the reward, for a trainer that wants them ({@link Trainer.streams}). */
  readonly streams?: readonly RewardStream[]
}

/** One plan to imitate. */
export interface Demonstration {
  /** What the Thinker sees. */
  readonly input: ThinkerInput
  /** The whole plan text. */
  readonly text: string
}

/** What a step came to. */
export interface UpdateReport {
  /** From 1. */
  readonly step: number
  /** After the update. */
  readonly policyVersion: number
  /** Finite numbers only, named `policy/loss`, `value/loss`, `kl/reference`, `advantage/mean`, ... */
  readonly metrics: Readonly<Record<string, number>>
}

/** Trains the Thinker. The policy it trains is offered as a {@link Thinker}; its plans carry a token trace. */
export interface Trainer extends TrainedPolicy {
  /** Known once it is open. */
  readonly supports: TrainerCapabilities
  /** What its options want of the streams of the reward; the run divides groups by it. Absent: it reads the total alone. */
  readonly streams?: TrainerStreams
  /**
   * Refuses settings of the run that it cannot train by, or beside which an option of its own would be ignored. Asked before anything is
   * started or opened, by `dda config check` too.
   * @throws DdaError `DDA_CONFIG_INVALID` naming all of it
   */
  check?(settings: TrainingSettings): void | Promise<void>
  /**
   * One PPO update on the step's rollouts.
   * @throws DdaError `DDA_REWARD_NOT_FINITE` naming the sample; `DDA_TRAINER_STALE` for plans without token traces.
   */
  update(batch: TrainingBatch, options: CallOptions): Promise<UpdateReport>
  /** One supervised step: cross-entropy on the demonstrations' tokens. Absent: the trainer has no warm start. */
  imitate?(demonstrations: readonly Demonstration[], options: CallOptions): Promise<UpdateReport>
  /** The trainer's own maths, for the conformance suite; must run the code that training runs. */
  probe?(): TrainerProbe
}
