import { asks } from './dimensions.ts'
import { scoreOf, type Rule } from './rule.ts'

/** What execution is worth alone, and what consistency adds. */
const [ALONE, CONSISTENT] = [0.6, 0.4]
/** 3 of 1 to 5, on a scale of 0 to 1: up to here consistency is ignored. */
const GATE = 0.5

/**
 * Execution-gated consistency: Exec · (0.6 + 0.4 · Cons), and Exec · 0.6 where Exec is 3 of 5 or less. Adding the two would teach a plan
 * that does nothing. `execution`: visual items about changes; `consistency`: visual ones about what stays. The plan's half counts
 * nothing.
 */
export const firm: Rule = {
  source: 'FIRM (arXiv 2603.12247)',
  dimensions: [
    { name: 'execution', has: asks('visual', true) },
    { name: 'consistency', has: asks('visual', false) },
  ],
  needs: ['execution'],
  format: 0,
  earn(scores) {
    const execution = scoreOf(scores, 'execution')
    // Where nothing has to stay, nothing can be ruined.
    if (!scores.has('consistency')) return { execution }
    const consistency = execution > GATE ? scoreOf(scores, 'consistency') : 0
    return { execution: execution * ALONE, consistency: execution * CONSISTENT * consistency }
  },
}
