import { isChange } from './dimensions.ts'
import { presentWeights, scoreOf, type Rule } from './rule.ts'

/** λ of the paper, in the order of its slots: each counts only as long as those before it reach the gate. */
const SLOTS = { modify: 0.4, preserve: 0.2, overall: 0.2, tips: 0.2 }
/** δ of the paper, the same for all slots. */
const GATE = 0.66

/**
 * Prefix-gated slots: Σ_j λ_j · s_j · Π_{l<j} [s_l ≥ 0.66]. A wrong change cannot be made up for by what comes after it. Items of either
 * half are of `modify` if they ask for a change and of `preserve` if they guard what stays; `overall` and `tips` are told by id.
 */
export const dars: Rule = {
  source: 'DARS (KlingAI, 2026), planner reward',
  dimensions: [
    { name: 'modify', has: isChange },
    { name: 'preserve', has: (item) => !isChange(item) },
    { name: 'overall' },
    { name: 'tips' },
  ],
  needs: Object.keys(SLOTS),
  format: 0,
  earn(scores) {
    const earned: Record<string, number> = {}
    for (const [slot, weight] of Object.entries(presentWeights(scores, SLOTS))) {
      const score = scoreOf(scores, slot)
      earned[slot] = weight * score
      if (score < GATE) break
    }
    return earned
  },
}
