import { answeredItems, type AnsweredItem, type ChecklistItem, type Scope, type Verdict } from '@dda-thinker/plugin-api'

/** One scope's share of the checklist, with what its judge said. */
export interface ScopeResult {
  readonly items: readonly JudgedItem[]
  /** Whether the scope was asked at all; a gated rollout's visual one was not. */
  readonly asked: boolean
  /** In [0, 1], see {@link dualAtomic}; 0 where a critical item failed or nothing was asked. */
  readonly score: number
}

export interface JudgedItem extends AnsweredItem {
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

/**
 * Pairs items with verdicts and scores each scope.
 * @throws DdaError as `answeredItems` of the plugin API
 */
export function judgeScopes(
  checklist: readonly ChecklistItem[],
  verdicts: readonly Verdict[],
  required: readonly Scope[],
  preservation: Preservation,
): Readonly<Record<Scope, ScopeResult>> {
  const answered = answeredItems(checklist, verdicts, required)
  const result = (scope: Scope): ScopeResult => {
    const { items, asked } = answered[scope]
    const multiplies = preservation.counts === 'multiplier' && items.some(({ item }) => isChange(item))
    const judged = items.map((one) => ({ ...one, earns: !multiplies || isChange(one.item) }))
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
