import type { LossAggregation } from '@dda-thinker/plugin-api'
import { checkGrid, countTokens, type TokenGrid } from './grid.ts'

/**
 * The weight of every token in the batch's loss, so that loss = Σ weight · tokenLoss (verl's `agg_loss` modes as weights).
 * Compute them once over a whole mini-batch and slice them into micro-batches: how it is cut, padded or ordered then
 * changes nothing. Rows without an unmasked token count nowhere, not even as a sequence.
 *
 * | aggregation | weight of an unmasked token |
 * |---|---|
 * | `token-mean` | 1 / tokens |
 * | `token-sum` | 1 |
 * | `seq-mean-token-sum` | 1 / sequences |
 * | `seq-mean-token-mean` | 1 / (sequences · tokens of its sequence) |
 * | `seq-mean-token-sum-norm` | 1 / (sequences · horizon) |
 *
 * @param horizon longest sequence that the policy may write (Dr. GRPO's constant); a setting, never the padded length.
 */
export function tokenWeights(grid: TokenGrid, aggregation: LossAggregation, horizon: number): Float64Array {
  checkGrid(grid, {})
  const { rows, columns, mask } = grid
  const lengths = Array.from({ length: rows }, (_, row) => {
    let length = 0
    for (let column = 0; column < columns; column++) if (mask[row * columns + column] !== 0) length++
    return length
  })
  const sequences = lengths.filter((length) => length > 0).length
  const tokens = lengths.reduce((sum, length) => sum + length, 0)
  const weights = new Float64Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const weight = WEIGHTS[aggregation]({ tokens, sequences, length: lengths[row] as number, horizon })
    for (let i = row * columns; i < (row + 1) * columns; i++) if (mask[i] !== 0) weights[i] = weight
  }
  return weights
}

/** 1 / tokens at unmasked cells: the weights of plain averages over the mini-batch. */
export function statWeights(grid: TokenGrid): Float64Array {
  const weight = 1 / countTokens(grid.mask)
  const weights = new Float64Array(grid.mask.length)
  for (let i = 0; i < weights.length; i++) if (grid.mask[i] !== 0) weights[i] = weight
  return weights
}

interface Counts {
  readonly tokens: number
  readonly sequences: number
  readonly length: number
  readonly horizon: number
}

const WEIGHTS: Readonly<Record<LossAggregation, (n: Counts) => number>> = {
  'token-mean': (n) => 1 / n.tokens,
  'token-sum': () => 1,
  'seq-mean-token-sum': (n) => 1 / n.sequences,
  'seq-mean-token-mean': (n) => 1 / (n.sequences * n.length),
  'seq-mean-token-sum-norm': (n) => 1 / (n.sequences * n.horizon),
}
