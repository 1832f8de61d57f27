import { asks } from './dimensions.ts'
import { scoreOf, type Rule } from './rule.ts'

/** Of the agent: program 0.45, image 0.45, format 0.05; its tool 0.05 has no counterpart here. */
const AGENT = { program: 0.45, image: 0.45, format: 0.05 }
const SUM = AGENT.program + AGENT.image + AGENT.format
/** What adds to the picture where both are right; the base is what they leave of 1. */
const ADDED = { preserve: 0.2, region: 0.15, quality: 0.1, readable: 0.1 }

/**
 * Min-gate: the picture is worth min(execution, cognition) · (0.45 + 0.20 preserve + 0.15 region + 0.10 quality + 0.10 readable), the
 * whole 0.45 program + 0.45 image + 0.05 format, scaled to 1. `cognition`, which is the program too: items of the plan; `execution`:
 * visual ones about changes; `preserve`: visual ones about what stays; `region`, `quality`, `readable` are told by id. What a sample does
 * not ask for adds to the base.
 */
export const risevolve: Rule = {
  source: 'RISEvolve (public planning notes, June 2026)',
  dimensions: [
    { name: 'cognition', has: (item) => item.scope === 'cognitive' },
    { name: 'execution', has: asks('visual', true) },
    { name: 'preserve', has: asks('visual', false) },
    { name: 'region' },
    { name: 'quality' },
    { name: 'readable' },
  ],
  needs: ['cognition', 'execution'],
  format: AGENT.format / SUM,
  earn(scores) {
    const halves = ['cognition', 'execution'].filter((name) => scores.has(name))
    const gate = Math.min(...halves.map((name) => scoreOf(scores, name)))
    const added = Object.entries(ADDED).filter(([name]) => scores.has(name))
    const base = 1 - added.reduce((sum, [, weight]) => sum + weight, 0)
    // Of a sample that asks nothing of the plan, the picture is all.
    const [program, image] = scores.has('cognition') ? [AGENT.program, AGENT.image] : [0, AGENT.program + AGENT.image]
    const picture = (image / SUM) * gate
    const earned: Record<string, number> = { cognition: (program / SUM) * scoreOf(scores, 'cognition'), execution: 0 }
    for (const name of halves) earned[name] = (earned[name] ?? 0) + (picture * base) / halves.length
    for (const [name, weight] of added) earned[name] = picture * weight * scoreOf(scores, name)
    return earned
  },
}
