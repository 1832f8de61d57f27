import { asks } from './dimensions.ts'
import { presentWeights, scoreOf, type Rule } from './rule.ts'

const WEIGHTS = { reasoning: 0.5, consistency: 0.3, quality: 0.2 }
/** Of a rating of 1 to 5. */
const [LOWEST, HIGHEST] = [1, 5]

/**
 * Holistic ratings of 1 to 5: 0.3 consistency + 0.5 reasoning + 0.2 quality, halved where reasoning is 1, never below 1; here brought
 * from 1 to 5 to 0 to 1. A rating is the share of passed items, rounded to a whole number: as coarse as the judge's. `reasoning`: visual
 * items about changes; `consistency`: visual ones about what stays; `quality` is told by id. The plan's half counts nothing.
 */
export const unifiedThinker: Rule = {
  source: 'Unified-Thinker (arXiv 2601.03127), reward of its code; the score of RISE-Bench',
  dimensions: [
    { name: 'reasoning', has: asks('visual', true) },
    { name: 'consistency', has: asks('visual', false) },
    { name: 'quality' },
  ],
  needs: ['reasoning'],
  format: 0,
  earn(scores) {
    const weights = presentWeights(scores, WEIGHTS)
    const rating = (name: string): number => Math.round(LOWEST + (HIGHEST - LOWEST) * scoreOf(scores, name))
    const above = Object.entries(weights).map(([name, weight]) => [name, weight * (rating(name) - LOWEST)] as const)
    const sum = above.reduce((total, [, part]) => total + part, 0)
    const score = rating('reasoning') === LOWEST ? Math.max(LOWEST, (LOWEST + sum) / 2) : LOWEST + sum
    const scale = sum === 0 ? 0 : (score - LOWEST) / sum / (HIGHEST - LOWEST)
    return Object.fromEntries(above.map(([name, part]) => [name, part * scale]))
  },
}
