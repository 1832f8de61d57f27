import { dars } from './rules/dars.ts'
import { firm } from './rules/firm.ts'
import { replan } from './rules/replan.ts'
import { risevolve } from './rules/risevolve.ts'
import { unifiedThinker } from './rules/unified-thinker.ts'
import type { Rule } from './rules/rule.ts'

/** Every rule, by the name of its option. */
export const RULES = {
  dars,
  firm,
  risevolve,
  replan,
  'unified-thinker': unifiedThinker,
} as const satisfies Readonly<Record<string, Rule>>

export type RuleName = keyof typeof RULES
export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[]
