export type GroupEstimator = 'grpo' | 'rloo'

/** Added to the standard deviation, as in verl's `compute_grpo_outcome_advantage`. */
const EPSILON = 1e-6

/**
 * Advantages of one group's rollouts from their rewards alone.
 * `grpo` (Shao et al. 2024): (r − mean) / (sample standard deviation + 1e-6).
 * `rloo` (Ahmadian et al. 2024): r − mean of the others.
 * A group of one has nothing to be compared with and gets 0; equal rewards get 0.
 */
export function groupAdvantages(rewards: ArrayLike<number>, estimator: GroupEstimator): Float64Array {
  const n = rewards.length
  const advantages = new Float64Array(n)
  if (n < 2) return advantages
  let sum = 0
  let equal = true
  for (let i = 0; i < n; i++) {
    sum += rewards[i] as number
    equal &&= rewards[i] === rewards[0]
  }
  // Rounding of the mean must not make noise that the division by 1e-6 blows up.
  if (equal) return advantages
  const mean = sum / n
  let squares = 0
  for (let i = 0; i < n; i++) squares += ((rewards[i] as number) - mean) ** 2
  const scale = estimator === 'grpo' ? 1 / (Math.sqrt(squares / (n - 1)) + EPSILON) : n / (n - 1)
  for (let i = 0; i < n; i++) advantages[i] = ((rewards[i] as number) - mean) * scale
  return advantages
}

/** {@link groupAdvantages} for every group of a batch; one number a rollout, in the order of `scores`. */
export function baselineAdvantages(input: {
  readonly scores: ArrayLike<number>
  /** The group of each score. Leave masked rollouts out: they would shift the mean. */
  readonly groups: readonly string[]
  readonly estimator: GroupEstimator
}): Float64Array {
  const { scores, groups, estimator } = input
  const members = new Map<string, number[]>()
  groups.forEach((group, i) => {
    const list = members.get(group)
    if (list === undefined) members.set(group, [i])
    else list.push(i)
  })
  const result = new Float64Array(groups.length)
  for (const indices of members.values()) {
    const advantages = groupAdvantages(
      indices.map((i) => scores[i] as number),
      estimator,
    )
    indices.forEach((i, k) => (result[i] = advantages[k] as number))
  }
  return result
}
