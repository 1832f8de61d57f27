import type { Plan } from './plan.ts'
import type { StreamMode } from './reward-streams.ts'
import type { Reward } from './reward.ts'
import type { Estimator, GroupCentre, LossAggregation } from './trainer.ts'

/** Rows are sequences, columns are tokens. */
export type Matrix = readonly (readonly number[])[]

/** Input of {@link TrainerProbe.gae}. */
export interface GaeInput {
  /** By token. */
  readonly rewards: Matrix
  /** The critic's, before each token. */
  readonly values: Matrix
  /** 1 where the policy chose the token. Masked positions are skipped, their state carried over. */
  readonly mask: Matrix
  /** Discount a token, 0..1. */
  readonly gamma: number
  /** Bias against variance, 0..1. */
  readonly lambda: number
}

/** Input of {@link TrainerProbe.policyLoss}; all matrices of one shape. */
export interface PolicyLossInput {
  /** Of the policy now, in nats. */
  readonly logProbs: Matrix
  /** Of the policy that sampled, in nats. */
  readonly oldLogProbs: Matrix
  /** By token. */
  readonly advantages: Matrix
  /** 1 where the policy chose the token. */
  readonly mask: Matrix
  /** ε below: the ratio is clipped at 1 − ε. */
  readonly clipLow: number
  /** ε above: the ratio is clipped at 1 + ε. */
  readonly clipHigh: number
  /** Bound c of dual-clip PPO for negative advantages; absent: off. */
  readonly dualClip?: number
  /** How tokens become one number. */
  readonly aggregation: LossAggregation
}

/** A loss with its gradient. */
export interface LossOutput {
  /** The number that is minimised. */
  readonly loss: number
  /** d loss / d first input. */
  readonly gradient: Matrix
  /** By name, finite. */
  readonly metrics: Readonly<Record<string, number>>
}

/** Input of {@link TrainerProbe.valueLoss}; all matrices of one shape. */
export interface ValueLossInput {
  /** Of the critic now. */
  readonly predictions: Matrix
  /** Of the critic when the plan was sampled. */
  readonly oldValues: Matrix
  /** What it should have said. */
  readonly returns: Matrix
  /** 1 where the policy chose the token. */
  readonly mask: Matrix
  /** Absent: no value clip. */
  readonly clip?: number
}

/** Token-wise estimators of KL(π‖reference) (Schulman, "Approximating KL Divergence", 2020). */
export type KlEstimator = 'k1' | 'abs' | 'k2' | 'k3'
/** `k3+` has the value of k3 and the gradient of k2, which is the unbiased one (verl `k3+`; Tang & Munos 2025). */
export type LossKlEstimator = KlEstimator | 'k3+'

/** A step's rollouts as the estimator of advantages gets them, and its settings. */
export interface AdvantageInput {
  /** Of the task, on their tokens. */
  readonly rewards: Matrix
  /** Estimates of the KL to the reference policy, and what it costs in the reward; 0: it is not charged there. */
  readonly kl: Matrix
  /** Weight of the KL that stands in the reward. */
  readonly klCoefficient: number
  /** Of the critic; zeros where there is none. */
  readonly values: Matrix
  /** 1 for each token of a plan, from the first; 0 behind its end. */
  readonly mask: Matrix
  /** Of each row; rollouts of one sample and step share it. */
  readonly groups: readonly string[]
  /** Of each row's plan. */
  readonly tokens: readonly (readonly number[])[]
  /** How advantages are estimated. */
  readonly estimator: Estimator
  /** Discount a token, 0..1. */
  readonly gamma: number
  /** Bias against variance, 0..1. */
  readonly lambda: number
  /** Heeded by gae alone; reinforce++ always whitens. */
  readonly whiten: boolean
  /** Divisor of the variance in whitening: n, or n − 1. */
  readonly whitenVariance: 'biased' | 'unbiased'
  /** What is subtracted within a group. */
  readonly groupCentre: GroupCentre
  /** Absent: `rewards` is all there is. Else they are its parts, and their sum is what `rewards` holds. */
  readonly streams?: {
    readonly mode: Exclude<StreamMode, 'sum'>
    readonly parts: readonly {
      readonly weight: number
      readonly rewards: Matrix
      /** Of each row, whether it was asked for the stream; its rewards are 0 where not. */
      readonly asked: readonly boolean[]
      /** Of its value head, with gae; absent without a critic. */
      readonly values?: Matrix
    }[]
  }
}

/**
 * The trainer's own maths behind plain arrays, so that golden vectors reach the code that training runs.
 * Policy metrics: `clipFraction`, `lowerClipFraction`, `approxKl`; value metrics: `clipFraction`.
 */
export interface TrainerProbe {
  /** Generalised advantage estimation (Schulman et al. 2016). */
  gae(input: GaeInput): Promise<{ readonly advantages: Matrix; readonly returns: Matrix }>
  /** Masked whitening. @throws DdaError `DDA_WHITEN_MASK` for fewer than two unmasked values. */
  whiten(input: {
    readonly values: Matrix
    readonly mask: Matrix
    readonly variance: 'biased' | 'unbiased'
    readonly shiftMean: boolean
  }): Promise<Matrix>
  /** Clipped surrogate (Schulman et al. 2017), with dual clip (Ye et al. 2020). */
  policyLoss(input: PolicyLossInput): Promise<LossOutput>
  /** Half the squared error, clipped around the old value where asked. */
  valueLoss(input: ValueLossInput): Promise<LossOutput>
  /** Token-wise values and d value / d logProb; Δ = reference − logProb. */
  kl(input: {
    readonly logProbs: readonly number[]
    readonly referenceLogProbs: readonly number[]
    readonly estimator: LossKlEstimator
  }): Promise<{ readonly values: readonly number[]; readonly gradient: readonly number[] }>
  /** Scores at the last token minus the weighted KL at every token. */
  klInReward(input: {
    readonly scores: readonly number[]
    readonly kl: readonly number[]
    readonly coefficient: number
  }): Promise<readonly number[]>
  /** The controller's coefficient after each observed KL. */
  adaptiveKl(input: {
    readonly initial: number
    readonly target: number
    readonly horizon: number
    readonly batch: number
    readonly observed: readonly number[]
  }): Promise<readonly number[]>
  /** Group baselines over one group's rewards. */
  groupAdvantages(input: {
    readonly rewards: readonly number[]
    readonly estimator: 'grpo' | 'rloo'
  }): Promise<readonly number[]>
  /**
   * All of a step's estimation, from rewards on tokens to what the policy loss takes. `returns` with a critic only;
   * `streamReturns` in its place where there are streams, in their order, `null` for one that says nothing and trains no head.
   */
  advantages(input: AdvantageInput): Promise<{
    readonly advantages: Matrix
    readonly returns?: Matrix | undefined
    readonly streamReturns?: readonly (Matrix | null)[] | undefined
  }>
  /** A rollout's reward on the tokens of its plan: {@link placeRewards}, whichever side of a pipe it runs on. */
  placeRewards(input: {
    readonly plan: Pick<Plan, 'sampleId' | 'text' | 'tokens'>
    readonly reward: Reward
  }): Promise<readonly number[]>
  /** 1 − Var(returns − values) / Var(returns). */
  explainedVariance(input: { readonly values: readonly number[]; readonly returns: readonly number[] }): Promise<number>
}
