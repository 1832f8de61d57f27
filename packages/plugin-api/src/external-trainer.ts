import type { ImageRef } from './image.ts'
import type { CallOptions, RoleContext } from './role-context.ts'
import type { Sample } from './sample.ts'
import type { TrainedPolicy } from './trained-policy.ts'
import type { UpdateReport } from './trainer.ts'
import type { TrainingSettings } from './training-settings.ts'

/** Where rewards are to be had, as `dda serve` gives them. */
export interface RewardEndpoint {
  /** Base URL, without a path. */
  readonly url: string
  /** Sent as `Authorization: Bearer`; absent where none is wanted. */
  readonly token?: string
}

/** How engines on other machines come to the rewards. */
export interface RewardReach {
  /** Address to listen on. Default `127.0.0.1`. */
  readonly host?: string
  /** Default: a free one. */
  readonly port?: number
  /** Base URL that they call. Default: of host and port. */
  readonly url?: string
}

/** A training that begins, or goes on from what `load` took up. */
export interface ExternalJob extends Required<TrainingSettings> {
  /** The next step, from 1. Where it is 1, what `load` took up is the beginning of a new training. */
  readonly firstStep: number
  /** The run's seed. */
  readonly seed: number
  /** Folder of its own for what the engine reads and writes; it outlives the process. */
  readonly folder: string
  /** Where the engine asks for rewards. */
  readonly reward: RewardEndpoint
  /** All samples of the data, train and held-out, in order. */
  readonly data: () => AsyncIterable<Sample>
  /** Bytes of source pictures, and where they lie. */
  readonly images: RoleContext['images'] & { path(image: ImageRef): string }
}

/**
 * Software of others that trains the policy, samples of it and asks for rewards by itself: the framework edits, judges and rewards, keeps the
 * record, and says when the next step may begin.
 */
export interface ExternalTrainer extends TrainedPolicy {
  /**
   * Refuses what the engine would ignore or cannot do. Asked before anything is started or opened, by `dda config check` too.
   *
   * @throws DdaError `DDA_CONFIG_INVALID` naming all of it
   */
  check(settings: TrainingSettings): void | Promise<void>
  /** Where it wants the rewards. Default: on this machine alone. */
  readonly reach?: RewardReach
  /** Are checkpoints to be had after every step, or only after those that `checkpointEvery` divides? */
  readonly savesAtAnyStep: boolean
  /** Starts the engine, at the state that it has. Called once. */
  start(job: ExternalJob, options: CallOptions): Promise<void>
  /**
   * The next step, to its end; the engine then waits, where it can. What its metrics are called is its own.
   *
   * @throws DdaError where it ended before
   */
  step(step: number, options: CallOptions): Promise<UpdateReport>
}
