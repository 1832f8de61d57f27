import * as causal from './causal.ts'
import * as logical from './logical.ts'
import * as spatial from './spatial.ts'
import type { CategoryName, SubTask } from './sub-task.ts'
import * as temporal from './temporal.ts'

const BY_CATEGORY: readonly (readonly SubTask[])[] = [
  [temporal.month, temporal.hours, temporal.years, temporal.past, temporal.century],
  [causal.rain, causal.drop, causal.heat, causal.freeze, causal.water],
  [spatial.outermost, spatial.mirror, spatial.neighbour, spatial.flee, spatial.lineUp],
  [logical.oddOneOut, logical.pattern, logical.sum, logical.count, logical.numberOrder],
]

/** All sub-tasks, categories taking turns: a prefix of any length is balanced. */
export const SUB_TASKS: readonly SubTask[] = [0, 1, 2, 3, 4].flatMap((i) =>
  BY_CATEGORY.flatMap((tasks) => tasks[i] ?? []),
)

export const CATEGORIES: readonly CategoryName[] = ['temporal', 'causal', 'spatial', 'logical']
