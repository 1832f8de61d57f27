import type { KlEstimator } from '@dda-thinker/plugin-api'

/** Bound of log-ratios before they are exponentiated, as in verl: e^20 still fits float32 with room to square it. */
export const LOG_RATIO_LIMIT = 20

/** Bound of a token's k3, as in verl's `kl_penalty`. */
export const K3_LIMIT = 10

/**
 * Token-wise estimates of KL(policy ‖ reference) from log-probabilities of sampled tokens (Schulman, "Approximating KL
 * divergence", 2020), with Δ = reference − policy: k1 = −Δ, abs = |Δ|, k2 = Δ²/2, k3 = e^Δ − Δ − 1.
 * Δ is clamped to ±20 inside k3 and k3 to ±10 (verl), so that one odd token cannot outweigh a batch.
 */
export function klValues(
  estimator: KlEstimator,
  logProbs: ArrayLike<number>,
  referenceLogProbs: ArrayLike<number>,
): Float64Array {
  const estimate = ESTIMATES[estimator]
  const result = new Float64Array(logProbs.length)
  for (let i = 0; i < result.length; i++) {
    result[i] = estimate((referenceLogProbs[i] as number) - (logProbs[i] as number))
  }
  return result
}

const ESTIMATES: Readonly<Record<KlEstimator, (delta: number) => number>> = {
  k1: (delta) => 0 - delta,
  abs: Math.abs,
  k2: (delta) => (delta * delta) / 2,
  k3: (delta) => {
    const bounded = clamp(delta, LOG_RATIO_LIMIT)
    return clamp(Math.expm1(bounded) - bounded, K3_LIMIT)
  },
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(value, -limit), limit)
}
