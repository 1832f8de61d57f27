import { contractErrors } from '@dda-thinker/plugin-api'
import { countTokens } from './grid.ts'

export interface WhitenOptions {
  /** Divide the squared deviations by N − 1 (`unbiased`, verl and TRL, the default) or by N (`biased`, OpenRLHF). */
  readonly variance?: 'biased' | 'unbiased'
  /** Subtract the mean. Default true; false keeps it and scales around it. */
  readonly shiftMean?: boolean
}

/** Keeps a constant batch finite; the value that verl's and TRL's `masked_whiten` use. */
const EPSILON = 1e-8

/**
 * Scales the unmasked values to variance 1 and, with `shiftMean`, to mean 0. Masked cells become 0.
 * @throws DdaError `DDA_WHITEN_MASK` for fewer than two unmasked values, which have no spread.
 */
export function whiten(values: ArrayLike<number>, mask: ArrayLike<number>, options: WhitenOptions = {}): Float64Array {
  const { variance = 'unbiased', shiftMean = true } = options
  const count = countTokens(mask)
  if (count < 2) {
    throw contractErrors.make('DDA_WHITEN_MASK', { count, s: count === 1 ? '' : 's' })
  }
  let sum = 0
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) sum += values[i] as number
  const mean = sum / count
  let squares = 0
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) squares += ((values[i] as number) - mean) ** 2
  const scale = 1 / Math.sqrt(squares / (variance === 'biased' ? count : count - 1) + EPSILON)
  const shift = shiftMean ? 0 : mean
  const result = new Float64Array(mask.length)
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 0) result[i] = ((values[i] as number) - mean) * scale + shift
  }
  return result
}
