/** Numbers of a learner's state besides the arrays. */
export interface LearnerCounters {
  /** Updates by reinforcement learning. */
  readonly updates: number
  /** Supervised steps. */
  readonly imitations: number
  /** Optimiser steps of the current phase, which the learning-rate schedule counts. */
  readonly optimizerSteps: number
  /** What the optimiser's moments belong to; they start again when the phase changes. */
  readonly phase: Phase
  readonly klCoefficient: number
  /** Numbers drawn for shuffling. */
  readonly shufflePosition: number
  /** Tokens that plans of this phase have held; absent in checkpoints of before it was kept. */
  readonly said?: readonly number[]
}

export type Phase = 'imitate' | 'reinforce'

/** A critic with a network of its own. */
export interface CriticSnapshot {
  readonly theta: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
  readonly optimizerSteps: number
}

/** Everything that an exact resume needs. */
export interface LearnerSnapshot {
  readonly theta: Float32Array
  /** Weights of the reference policy; equal to theta before the first update. */
  readonly reference: Float32Array
  readonly m: Float32Array
  readonly v: Float32Array
  readonly counters: LearnerCounters
  /** Absent where the critic is a head on the policy's trunk, or there is none. */
  readonly critic?: CriticSnapshot
}
