import { asks } from './dimensions.ts'
import { scoreOf, type Rule } from './rule.ts'

/** 4 of 1 to 5, on a scale of 0 to 1: from here on a dimension counts, and counts whole. */
const THRESHOLD = 0.75
/** Added for a plan in its format, and what all is scaled by to end at 1. */
const FORMAT = 0.2
const SCALE = 1 / (1 + FORMAT)

/**
 * Thresholded: (target + effect + consistency · effect) / 3 of dimensions that are 0 or 1, plus 0.2 · format, scaled to 1. Consistency counts
 * only if the edit happened. `target`: items of the plan, or told by id; `effect`: visual items about changes; `consistency`: visual
 * ones about what stays.
 */
export const replan: Rule = {
  source: 'RePlan (arXiv 2512.16864)',
  dimensions: [
    { name: 'target', has: (item) => item.scope === 'cognitive' },
    { name: 'effect', has: asks('visual', true) },
    { name: 'consistency', has: asks('visual', false) },
  ],
  needs: ['effect'],
  format: FORMAT * SCALE,
  earn(scores) {
    const each = SCALE / scores.size
    const reaches = (name: string): number => (scoreOf(scores, name) >= THRESHOLD ? 1 : 0)
    const effect = reaches('effect')
    return {
      target: each * reaches('target'),
      effect: each * effect,
      consistency: each * effect * reaches('consistency'),
    }
  },
}
