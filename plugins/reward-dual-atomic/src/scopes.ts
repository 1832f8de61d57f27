import { itemsOf, passed, type ChecklistItem, type Scope, type Verdict } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** One scope's share of the checklist, with what its judge said. */
export interface ScopeResult {
  readonly items: readonly JudgedItem[]
  /** Whether the scope was asked at all; a gated rollout's visual one was not. */
  readonly asked: boolean
  /** In [0, 1], see {@link dualAtomic}; 0 where a critical item failed or nothing was asked. */
  readonly score: number
}

export interface JudgedItem {
  readonly item: ChecklistItem
  readonly passed: boolean
  /** Whether a share of the reward goes to it when passed: preservation items that multiply earn none themselves. */
  readonly earns: boolean
}

/**
 * How preservation items count: as any other `item`, or as a `multiplier` of what the change items earn, so that a plan
 * that does nothing earns nothing: change · (ruined + (1 - ruined) · preservation), FIRM's form, there with ruined = 0.6.
 */
export interface Preservation {
  readonly counts: 'item' | 'multiplier'
  /** Share of a change's worth that stays where nothing else was preserved, in [0, 1]. */
  readonly ruined: number
}

const OF_A_JUDGE = { kind: 'bad-output', stage: 'reward' } as const

/**
 * Pairs items with verdicts and scores each scope.
 * @throws DdaError with kind `bad-output`: `DDA_VERDICT_MISSING` where a judged scope lacks an answer to an item,
 *   `DDA_VERDICT_DUPLICATE` for two answers, `DDA_VERDICT_UNKNOWN` for an answer to no item.
 */
export function judgeScopes(
  checklist: readonly ChecklistItem[],
  verdicts: readonly Verdict[],
  required: readonly Scope[],
  preservation: Preservation,
): Readonly<Record<Scope, ScopeResult>> {
  const byItem = new Map<string, Verdict>()
  const known = new Set(checklist.map((item) => item.id))
  for (const verdict of verdicts) {
    if (!known.has(verdict.itemId)) throw errors.make('DDA_VERDICT_UNKNOWN', { item: verdict.itemId }, OF_A_JUDGE)
    if (byItem.has(verdict.itemId)) throw errors.make('DDA_VERDICT_DUPLICATE', { item: verdict.itemId }, OF_A_JUDGE)
    byItem.set(verdict.itemId, verdict)
  }
  const result = (scope: Scope): ScopeResult => {
    const items = itemsOf(checklist, scope)
    const missing = items.filter((item) => !byItem.has(item.id))
    const asked = missing.length < items.length
    if (missing.length > 0 && (asked || required.includes(scope))) {
      const holes = { scope, items: missing.map((item) => item.id).join(', ') }
      throw errors.make('DDA_VERDICT_MISSING', holes, OF_A_JUDGE)
    }
    const multiplies = preservation.counts === 'multiplier' && items.some(isChange)
    const judged = items.map((item) => ({
      item,
      passed: passed(item, byItem.get(item.id)) === true,
      earns: !multiplies || isChange(item),
    }))
    return { items: judged, asked, score: asked ? scoreOf(judged, preservation.ruined) : 0 }
  }
  return { cognitive: result('cognitive'), visual: result('visual') }
}

export function weightOf(item: ChecklistItem): number {
  return item.weight ?? 1
}

function scoreOf(judged: readonly JudgedItem[], ruined: number): number {
  if (judged.some(({ item, passed }) => item.critical === true && !passed)) return 0
  // All passed is exactly 1, whatever the weights round to.
  if (judged.every(({ passed }) => passed)) return 1
  const kept = judged.filter(({ earns }) => !earns)
  const factor = kept.length === 0 ? 1 : ruined + (1 - ruined) * passedShare(kept)
  return passedShare(judged.filter(({ earns }) => earns)) * factor
}

function passedShare(judged: readonly JudgedItem[]): number {
  const sum = (items: readonly JudgedItem[]): number => items.reduce((total, { item }) => total + weightOf(item), 0)
  return sum(judged.filter(({ passed }) => passed)) / sum(judged)
}

function isChange(item: ChecklistItem): boolean {
  return item.aspect !== 'preservation'
}
