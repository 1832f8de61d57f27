import type { KlEstimator, LossAggregation, LossKlEstimator } from '@dda-thinker/plugin-api'
import type { KlControl } from '../ppo/kl-controller.ts'
import type { Schedule } from '../ppo/schedule.ts'
import type { AdvantageSettings } from '../ppo/step-advantages.ts'
import type { PolicyConfig } from '../policy/config.ts'

/** Multiples of the learning rate that parts of the network take. */
export interface RateFactors {
  /** Rows of the token table for words of instructions that no plan of the training has held. */
  readonly instruction: number
  /** The value head. */
  readonly critic: number
}

/** Everything that an update by reinforcement learning is set by. */
export interface PpoSettings extends AdvantageSettings {
  readonly clipLow: number
  readonly clipHigh: number
  readonly dualClip: number | null
  readonly valueClip: number | null
  readonly valueCoefficient: number
  readonly entropyCoefficient: number
  readonly kl: {
    readonly place: 'reward' | 'loss' | 'off'
    readonly control: KlControl
    /** Estimator of the KL in the reward and of what is reported. */
    readonly rewardEstimator: KlEstimator
    /** Estimator of the KL in the loss. */
    readonly lossEstimator: LossKlEstimator
  }
  readonly oldLogProbs: 'behaviour' | 'recompute'
  /** Of the weight by which a recomputed token counts; null: it counts whole. */
  readonly importanceCap: number | null
  readonly epochs: number
  readonly miniBatch: number
  readonly aggregation: LossAggregation
  readonly maxGradientNorm: number
  /** Ends the step's epochs when the mean log-ratio passes it; null: never. */
  readonly stopKl: number | null
  readonly learningRate: Schedule
  readonly rateFactors: RateFactors
}

/** Of a critic with a network of its own. */
export interface CriticSettings {
  /** Over the rollouts of a step, after those of the policy. */
  readonly passes: number
  readonly learningRate: Schedule
  readonly maxGradientNorm: number
}

export interface ImitationSettings {
  readonly learningRate: Schedule
  readonly maxGradientNorm: number
}

export interface AdamSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** All that the learner needs to know; plain data, so that it can go to a worker. */
export interface LearnerSettings {
  readonly config: PolicyConfig
  readonly seed: number
  readonly microBatch: number
  readonly ppo: PpoSettings
  /** undefined: the critic is a head on the policy's trunk, or there is none. */
  readonly critic: CriticSettings | undefined
  readonly imitation: ImitationSettings
  readonly adam: AdamSettings
  readonly session: {
    readonly provider: string
    /** Replicas side by side, each in a thread of its own; 1: in the learner's thread. */
    readonly workers: number
    /** Inside an operator, of each replica. */
    readonly threads: number
    readonly samplingThreads: number
    readonly spin: boolean
  }
}
