import type { BatchStreams } from '@dda-thinker/ppo-options'

/* Plans as the worker thread takes and gives them. */

/** What a plan is asked for. */
export interface PromptRow {
  /** Index into the images of the call; -1: there is none. */
  readonly image: number
  /** Instruction tokens, at least one. */
  readonly prompt: readonly number[]
  /** Sampling temperature; 0 is greedy, whose log-probs are those of temperature 1. */
  readonly temperature: number
}

/** A plan as tokens, `<eos>` included if it ended. */
export interface PlanRow extends PromptRow {
  readonly tokens: readonly number[]
}

/** A plan to be sampled. */
export interface SampleRow extends PromptRow {
  readonly seed: number
}

/** One sampled plan. */
export interface SampledPlan {
  /** `<eos>` included if the policy ended the plan. */
  readonly tokens: number[]
  readonly logProbs: number[]
  readonly values: number[]
  /** Updates that the policy had seen. */
  readonly version: number
  /** Hash of the weights of that policy, 12 hex digits. */
  readonly weights: string
}

/** Whose weights plans are evaluated by; the critic's only where it has a network of its own. */
export type Scorer = 'policy' | 'reference' | 'critic'

/** Of one plan, per token. */
export interface ScoredPlan {
  readonly logProbs: number[]
  /** Of each value head. */
  readonly values: number[][]
  readonly entropies: number[]
}

/** How the streams of an update's rewards are combined. */
export type UpdateStreams = BatchStreams

/** A plan with what it earned. All arrays have the length of `tokens`. */
export interface UpdateRow extends PlanRow {
  /** Rollouts of one sample and step, for group baselines. */
  readonly group: string
  readonly rewards: readonly number[]
  /** Its parts by stream, in the order of {@link UpdateStreams}; undefined in those that it was not asked for. Empty: none are wanted. */
  readonly streams: readonly (readonly number[] | undefined)[]
  /** Updates that the policy has made since the plan was sampled. */
  readonly age: number
  /** Log-probs at sampling time. */
  readonly logProbs: readonly number[]
  /** The critic's values at sampling time. */
  readonly values: readonly number[]
}
