import { isLogical } from './categories.ts'
import type { Dimensions } from './dimensions.ts'

/**
 * RISE-Bench score of an item, 1 to 5: 0.3·AC + 0.5·IR + 0.2·VP; 0.8·IR + 0.2·VP for one free of consistency;
 * 0.3·AC + 0.7·IR for a logical one. Where IR is 1 it is halved, but not below 1. `null` where a part is.
 */
export function itemScore(category: string, dimensions: Dimensions, isFree: boolean): number | null {
  const { consistency, reasoning, plausibility } = dimensions
  const parts: readonly (readonly [number, number | null])[] = isLogical(category)
    ? [
        [0.3, consistency],
        [0.7, reasoning],
      ]
    : isFree
      ? [
          [0.2, plausibility],
          [0.8, reasoning],
        ]
      : [
          [0.3, consistency],
          [0.5, reasoning],
          [0.2, plausibility],
        ]
  let score = 0
  for (const [weight, value] of parts) {
    if (value === null) return null
    score += weight * value
  }
  return reasoning === 1 ? Math.max(1, score * 0.5) : score
}

/** 1 where every dimension that counts is 5, else 0; also where an answer could not be used. */
export function itemAccuracy(category: string, dimensions: Dimensions, needsConsistency: boolean): 0 | 1 {
  const { consistency, reasoning, plausibility } = dimensions
  const counted = isLogical(category)
    ? [consistency, reasoning]
    : needsConsistency
      ? [consistency, reasoning, plausibility]
      : [reasoning, plausibility]
  return counted.every((value) => value === 5) ? 1 : 0
}
