import type { Opens } from './role-context.ts'
import type { Thinker } from './thinker.ts'

/** A policy in training, whoever trains it: what runs, checkpoints and evaluations know of it. */
export interface TrainedPolicy extends Opens {
  /** Everything that changes what it learns: model, options. */
  readonly fingerprint: string
  /** The policy in training. */
  readonly thinker: Thinker
  /** Updates made so far. */
  readonly policyVersion: number
  /** Writes everything that `load` needs for an exact resume into an empty folder. The caller makes it atomic. */
  save(folder: string): Promise<void>
  /**
   * Takes up what `save` wrote.
   *
   * @throws DdaError `DDA_CHECKPOINT_CORRUPT` and leaves the state as it was.
   */
  load(folder: string): Promise<void>
  /** Writes the trained policy for use elsewhere; returns the files written. */
  export?(folder: string): Promise<readonly string[]>
}
