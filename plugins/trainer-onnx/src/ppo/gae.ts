import { checkGrid, type TokenGrid } from './grid.ts'

/** Raw advantages and the critic's targets, [rows, columns], 0 at masked cells. */
export interface AdvantageEstimate {
  readonly advantages: Float64Array
  /** Raw advantage + value, so that later whitening does not reach the critic. */
  readonly returns: Float64Array
}

/**
 * Generalised advantage estimation (Schulman et al. 2016, equation 16). Masked cells are skipped and the state is carried
 * over them (as verl's `compute_gae_advantage_return` does), so values and rewards there change nothing, not even NaN.
 * Episodes end with their sequence: there is no bootstrap value after the last token.
 * @throws DdaError `DDA_GRID_SHAPE`
 */
export function gae(
  grid: TokenGrid,
  input: {
    readonly rewards: ArrayLike<number>
    readonly values: ArrayLike<number>
    /** Discount, in [0, 1]. */
    readonly gamma: number
    /** Trade-off of bias (0: the TD error) against variance (1: the return), in [0, 1]. */
    readonly lambda: number
  },
): AdvantageEstimate {
  const { rewards, values, gamma, lambda } = input
  checkGrid(grid, { rewards, values })
  const { rows, columns, mask } = grid
  const advantages = new Float64Array(rows * columns)
  const returns = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    let nextValue = 0
    let carried = 0
    for (let column = columns - 1; column >= 0; column--) {
      const i = row * columns + column
      if (mask[i] === 0) continue
      const value = values[i] as number
      const delta = (rewards[i] as number) + gamma * nextValue - value
      carried = delta + gamma * lambda * carried
      nextValue = value
      advantages[i] = carried
      returns[i] = carried + value
    }
  }
  return { advantages, returns }
}

/**
 * Discounted reward-to-go of every unmasked token: what REINFORCE++ (Hu 2025) whitens over the whole batch, with the KL
 * penalty already in the rewards. The same as {@link gae} with λ = 1 and no critic.
 */
export function discountedReturns(
  grid: TokenGrid,
  input: { readonly rewards: ArrayLike<number>; readonly gamma: number },
): Float64Array {
  const values = new Float64Array(grid.rows * grid.columns)
  return gae(grid, { ...input, values, lambda: 1 }).advantages
}
