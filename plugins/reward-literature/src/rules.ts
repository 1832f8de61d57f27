import { dars } from './dars.ts'
import { firm } from './firm.ts'
import { replan } from './replan.ts'
import { risevolve } from './risevolve.ts'
import { unifiedThinker } from './unified-thinker.ts'
import type { Rule } from './rule.ts'

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
