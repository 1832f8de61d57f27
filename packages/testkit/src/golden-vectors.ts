// oxlint-disable oxc/approx-constant -- a table of numbers, some of which happen to be famous
import type { KlEstimator, LossAggregation, Matrix } from '@dda-thinker/plugin-api'

/*
 * Numbers that a policy-gradient back-end must reproduce, to six decimals. Obtained by running verl's own functions
 * (github.com/volcengine/verl) in float64; GAE, clip and whitening were cross-checked with independent code. `_` stands
 * at masked positions, whose value does not matter.
 */

/** Absolute tolerance that holds for float32 back-ends too. */
export const GOLDEN_TOLERANCE = 1e-6

const _ = 0

export const MASK: Matrix = [
  [1, 1, 1, 1],
  [1, 1, 0, 0],
]

/** G1: GAE, returns, and advantages whitened with unbiased variance. */
export const GAE = {
  rewards: [
    [0, 0, 0, 1],
    [0, 0.5, 0, 0],
  ],
  values: [
    [0.1, 0.2, 0.3, 0.4],
    [0.5, 0.4, 0, 0],
  ],
  mask: MASK,
  cases: [
    {
      gamma: 1,
      lambda: 1,
      advantages: [
        [0.9, 0.8, 0.7, 0.6],
        [0, 0.1, _, _],
      ],
      returns: [
        [1, 1, 1, 1],
        [0.5, 0.5, _, _],
      ],
      whitened: [
        [1.018457, 0.752773, 0.487088, 0.221404],
        [-1.372703, -1.107019, _, _],
      ],
    },
    {
      gamma: 1,
      lambda: 0.95,
      advantages: [
        [0.799675, 0.7365, 0.67, 0.6],
        [-0.005, 0.1, _, _],
      ],
      returns: [
        [0.899675, 0.9365, 0.97, 1],
        [0.495, 0.5, _, _],
      ],
      whitened: [
        [0.914133, 0.731463, 0.539179, 0.336774],
        [-1.412578, -1.108971, _, _],
      ],
    },
    {
      gamma: 0.99,
      lambda: 0.95,
      advantages: [
        [0.77329, 0.718012, 0.6603, 0.6],
        [-0.00995, 0.1, _, _],
      ],
      returns: [
        [0.87329, 0.918012, 0.9603, 1],
        [0.49005, 0.5, _, _],
      ],
      whitened: [
        [0.88465, 0.72147, 0.551106, 0.373102],
        [-1.427448, -1.10288, _, _],
      ],
    },
  ],
} as const

/** G2: tokens that the policy did not choose lie between those it chose; their values do not matter. */
export const INTERLEAVED = {
  rewards: [[0, 0, 0, 0, 1]],
  values: [[0.1, 9, 0.2, 7, 0.3]],
  otherValues: [[0.1, -5, 0.2, 100, 0.3]],
  mask: [[1, 0, 1, 0, 1]],
  gamma: 1,
  lambda: 0.95,
  advantages: [[0.82675, _, 0.765, _, 0.7]],
  whitened: [[0.991343, _, 0.017092, _, -1.008435]],
} as const

/** G3: clipped surrogate with separate bounds and dual clip, by aggregation. */
export const POLICY_LOSS = {
  ratios: [
    [1, 1.5, 0.5, 1.1],
    [4, 0.7, 1, 1],
  ],
  oldLogProb: -1,
  advantages: [
    [1, 1, -1, 2],
    [-1, -1, 5, 5],
  ],
  mask: MASK,
  clipLow: 0.2,
  clipHigh: 0.28,
  dualClip: 3,
  /** Gradients are of row 0; those of row 1 are 0. */
  cases: [
    { aggregation: 'token-mean', loss: 0.02, gradient: [-0.166667, 0, 0, -0.366667] },
    { aggregation: 'token-sum', loss: 0.12, gradient: [-1, 0, 0, -2.2] },
    { aggregation: 'seq-mean-token-sum', loss: 0.06, gradient: [-0.5, 0, 0, -1.1] },
    { aggregation: 'seq-mean-token-mean', loss: 0.49, gradient: [-0.125, 0, 0, -0.275] },
    { aggregation: 'seq-mean-token-sum-norm', loss: 0.015, gradient: [-0.125, 0, 0, -0.275] },
  ] as const satisfies readonly { aggregation: LossAggregation; loss: number; gradient: readonly number[] }[],
  clipFraction: 0.5,
  lowerClipFraction: 0.166667,
  approxKl: -0.139541,
  /** With all ratios 1 and token-mean. */
  onPolicy: {
    loss: -0.166667,
    gradient: [
      [-0.166667, -0.166667, 0.166667, -0.333333],
      [0.166667, 0.166667, _, _],
    ],
  },
} as const

/** G4: clipped value loss. */
export const VALUE_LOSS = {
  predictions: [
    [0.5, 0.2, 0.9, 0.4],
    [0.5, -0.4, _, _],
  ],
  oldValues: [
    [0.1, 0.2, 0.3, 0.4],
    [0.5, 0.4, _, _],
  ],
  returns: [
    [0.8, 0.8, 0.8, 0.8],
    [0.8, 0.8, _, _],
  ],
  mask: MASK,
  clip: 0.2,
  loss: 0.199167,
  clipFraction: 0.333333,
  gradient: [
    [0, -0.1, 0, -0.066667],
    [-0.05, -0.2, _, _],
  ],
} as const

/** G5: KL estimators and their gradients by the policy's log-probability. */
export const KL = {
  logProbs: [-1, -2, -0.5],
  referenceLogProbs: [-1.2, -1.5, -0.5],
  cases: [
    { estimator: 'k1', values: [0.2, -0.5, 0], gradient: [1, 1, 1] },
    { estimator: 'abs', values: [0.2, 0.5, 0], gradient: [1, -1, undefined] },
    { estimator: 'k2', values: [0.02, 0.125, 0], gradient: [0.2, -0.5, 0] },
    { estimator: 'k3', values: [0.018731, 0.148721, 0], gradient: [0.181269, -0.648721, 0] },
  ] as const satisfies readonly { estimator: KlEstimator; values: readonly number[]; gradient: readonly unknown[] }[],
  /** |Δ| = 50 clamps k3 to 10, either way. */
  far: { logProbs: [0, -50], referenceLogProbs: [-50, 0], k3: [10, 10] },
} as const

/** G6: adaptive KL coefficient. */
export const ADAPTIVE_KL = {
  initial: 0.2,
  target: 6,
  horizon: 10000,
  batch: 256,
  observed: [12, 3, 6],
  coefficients: [0.201024, 0.19999476, 0.19999476],
} as const

/** G7: KL penalty in the reward. */
export const KL_IN_REWARD = {
  scores: [0, 0, 0, 1],
  kl: [0.2, -0.5, 0, 0.1],
  coefficient: 0.1,
  rewards: [-0.02, 0.05, 0, 0.99],
} as const

/** G8: masked whitening; the second set is the published pair for the variant that keeps the mean (four decimals). */
export const WHITEN = {
  values: [
    [1, 2, 3],
    [4, 5, 100],
  ],
  mask: [
    [1, 1, 1],
    [1, 1, 0],
  ],
  unbiased: [
    [-1.264911, -0.632456, 0],
    [0.632456, 1.264911, _],
  ],
  biased: [
    [-1.414214, -0.707107, 0],
    [0.707107, 1.414214, _],
  ],
  unbiasedAroundMean: [
    [1.735089, 2.367544, 3],
    [3.632456, 4.264911, _],
  ],
  published: {
    values: [
      [1.2, 1.3, 1.4],
      [1.5, 1.6, 1.7],
      [1.8, 1.9, 2.0],
    ],
    tolerance: 5.1e-5,
    biased: [
      [0.0508, 0.4381, 0.8254],
      [1.2127, 1.6, 1.9873],
      [2.3746, 2.7619, 3.1492],
    ],
    unbiased: [
      [0.1394, 0.5046, 0.8697],
      [1.2349, 1.6, 1.9651],
      [2.3303, 2.6954, 3.0606],
    ],
  },
} as const

/** G9: group baseline (sample standard deviation, ε 1e-6). */
export const GROUP_BASELINE = {
  cases: [
    { rewards: [1, 0, 0, 1], advantages: [0.866024, -0.866024, -0.866024, 0.866024] },
    { rewards: [0.25, 0.5, 0.75, 1], advantages: [-1.161891, -0.387297, 0.387297, 1.161891] },
    { rewards: [0.3, 0.3, 0.3], advantages: [0, 0, 0] },
  ],
} as const
