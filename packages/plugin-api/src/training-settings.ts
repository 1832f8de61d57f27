import type { RewardStream } from './reward-streams.ts'

/** What a training is to do, before anything is started. */
export interface TrainingSettings {
  /** Steps in all. */
  readonly steps: number
  /** Steps between checkpoints. */
  readonly checkpointEvery: number
  /** Checkpoints that are kept. */
  readonly keepCheckpoints: number
  /** Different samples in a step. */
  readonly samplesPerStep: number
  /** Rollouts of each sample in a step. */
  readonly groupSize: number
  /** Sampling temperature. */
  readonly temperature: number
  /** `curriculum`: in the order of the data; `shuffle`; `prioritized`. */
  readonly order: string
  /** Groups without a signal are replaced. */
  readonly filter: boolean
  /** Updates by which a plan may be older than the policy. */
  readonly maxStaleness: number
  /** Streams of the project's reward; none where it cannot be taken apart. */
  readonly streams: readonly RewardStream[]
  /** Training samples of the data; absent where nobody has looked yet. */
  readonly samples?: number
}
