import { readFileSync } from 'node:fs'
import type { GroupCentre, LossAggregation, LossKlEstimator, Matrix } from '@dda-thinker/plugin-api'

/*
 * Numbers that a policy-gradient back-end must reproduce, to six decimals: G1 to G9 obtained by running verl's own functions
 * (github.com/volcengine/verl) in float64; GAE, clip and whitening were cross-checked with independent code. They are kept in
 * golden-vectors.json, for tests in any language. What stands at masked positions does not matter.
 */

type Row = readonly number[]

interface StreamPeer {
  readonly tokens: number
  readonly tolerance: number
  readonly normalized: Row
  readonly oneLive: Row
}

interface GoldenVectors {
  /** Absolute tolerance that holds for float32 back-ends too. */
  readonly tolerance: number
  /** G1: GAE, returns, and advantages whitened with unbiased variance. */
  readonly gae: {
    readonly rewards: Matrix
    readonly values: Matrix
    readonly mask: Matrix
    readonly cases: readonly {
      readonly gamma: number
      readonly lambda: number
      readonly advantages: Matrix
      readonly returns: Matrix
      readonly whitened: Matrix
    }[]
  }
  /** G2: tokens that the policy did not choose lie between those it chose; their values do not matter. */
  readonly interleaved: {
    readonly rewards: Matrix
    readonly values: Matrix
    readonly otherValues: Matrix
    readonly mask: Matrix
    readonly gamma: number
    readonly lambda: number
    readonly advantages: Matrix
    readonly whitened: Matrix
  }
  /** G3: clipped surrogate with separate bounds and dual clip, by aggregation. */
  readonly policyLoss: {
    readonly ratios: Matrix
    readonly oldLogProb: number
    readonly advantages: Matrix
    readonly mask: Matrix
    readonly clipLow: number
    readonly clipHigh: number
    readonly dualClip: number
    /** Gradients are of row 0; those of row 1 are 0. */
    readonly cases: readonly { readonly aggregation: LossAggregation; readonly loss: number; readonly gradient: Row }[]
    readonly clipFraction: number
    readonly lowerClipFraction: number
    readonly approxKl: number
    /** With all ratios 1 and token-mean. */
    readonly onPolicy: { readonly loss: number; readonly gradient: Matrix }
  }
  /** G4: clipped value loss. */
  readonly valueLoss: {
    readonly predictions: Matrix
    readonly oldValues: Matrix
    readonly returns: Matrix
    readonly mask: Matrix
    readonly clip: number
    readonly loss: number
    readonly clipFraction: number
    readonly gradient: Matrix
  }
  /** G5: KL estimators and their gradients by the policy's log-probability; null where any slope from -1 to 1 will do. */
  readonly kl: {
    readonly logProbs: Row
    readonly referenceLogProbs: Row
    readonly cases: readonly {
      readonly estimator: LossKlEstimator
      readonly values: Row
      readonly gradient: readonly (number | null)[]
    }[]
    /** |Δ| = 50 clamps k3 to 10, either way. */
    readonly far: { readonly logProbs: Row; readonly referenceLogProbs: Row; readonly k3: Row }
  }
  /** G6: adaptive KL coefficient. */
  readonly adaptiveKl: {
    readonly initial: number
    readonly target: number
    readonly horizon: number
    readonly batch: number
    readonly observed: Row
    readonly coefficients: Row
  }
  /** G7: KL penalty in the reward. */
  readonly klInReward: {
    readonly scores: Row
    readonly kl: Row
    readonly coefficient: number
    readonly rewards: Row
  }
  /** G8: masked whitening; the second set is the published pair for the variant that keeps the mean (four decimals). */
  readonly whiten: {
    readonly values: Matrix
    readonly mask: Matrix
    readonly unbiased: Matrix
    readonly biased: Matrix
    readonly unbiasedAroundMean: Matrix
    readonly published: {
      readonly values: Matrix
      readonly tolerance: number
      readonly biased: Matrix
      readonly unbiased: Matrix
    }
  }
  /** G9: group baseline (sample standard deviation, ε 1e-6). */
  readonly groupBaseline: { readonly cases: readonly { readonly rewards: Row; readonly advantages: Row }[] }
  /** G10: leave-one-out centring of one group's advantages, worked by hand: the reward of each row on its last token, no critic. */
  readonly groupCentre: {
    readonly rewards: Matrix
    readonly mask: Matrix
    readonly tokens: Matrix
    readonly cases: readonly { readonly groupCentre: GroupCentre; readonly advantages: Matrix }[]
  }
  /**
   * G11: two streams in two groups, on the last of `tokens` tokens, under grpo. verl: its `gdpo` and `grpo` functions. TRL: its
   * `normalize_then_sum`, whose ε is 1e-4. `normalized` is of cognitive and visual, `oneLive` of cognitive and the constant.
   */
  readonly streams: {
    readonly groups: readonly string[]
    readonly cognitive: Row
    readonly visual: Row
    readonly constant: Row
    readonly verl: StreamPeer & { readonly sum: Row }
    readonly trl: StreamPeer
  }
}

const read = JSON.parse(readFileSync(new URL('../golden-vectors.json', import.meta.url), 'utf8')) as GoldenVectors

export const GOLDEN_TOLERANCE = read.tolerance
export const GAE = read.gae
export const INTERLEAVED = read.interleaved
export const POLICY_LOSS = read.policyLoss
export const VALUE_LOSS = read.valueLoss
export const KL = read.kl
export const ADAPTIVE_KL = read.adaptiveKl
export const KL_IN_REWARD = read.klInReward
export const WHITEN = read.whiten
export const GROUP_BASELINE = read.groupBaseline
export const GROUP_CENTRE = read.groupCentre
export const STREAMS = read.streams
