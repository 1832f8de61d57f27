/**
 * Scores with the KL penalty taken off token by token (Stiennon et al. 2020): their sum is score − β·Σkl.
 * @param coefficient β, ≥ 0.
 */
export function klInReward(scores: ArrayLike<number>, kl: ArrayLike<number>, coefficient: number): Float64Array {
  return Float64Array.from(scores, (score, i) => score - coefficient * (kl[i] as number))
}
