import { itemsOf, passed } from './assessment.ts'
import { errors } from './errors.ts'
import type { ChecklistItem, Scope } from './sample.ts'
import type { Verdict } from './verdict.ts'

/** A checklist item that was answered, or would have been: one that was not asked has not passed. */
export interface AnsweredItem {
  /** The question. */
  readonly item: ChecklistItem
  /** As {@link passed} says; false where its scope was not asked. */
  readonly passed: boolean
}

/** One half of a checklist with its answers. */
export interface AnsweredScope {
  /** In the order of the checklist. */
  readonly items: readonly AnsweredItem[]
  /** Whether it was asked at all; the visual half of a gated rollout was not. */
  readonly asked: boolean
}

const OF_A_JUDGE = { kind: 'bad-output', stage: 'reward' } as const

/**
 * Pairs items with verdicts, for reward decompositions: exactly one answer an item of each half that was asked.
 *
 * @param required halves that must have been asked where they have items
 * @throws DdaError with kind `bad-output`, which masks the rollout: `DDA_VERDICT_MISSING` where an asked or required half lacks an
 *   answer to an item, `DDA_VERDICT_DUPLICATE` for two answers, `DDA_VERDICT_UNKNOWN` for an answer to no item
 */
export function answeredItems(
  checklist: readonly ChecklistItem[],
  verdicts: readonly Verdict[],
  required: readonly Scope[],
): Readonly<Record<Scope, AnsweredScope>> {
  const byItem = new Map<string, Verdict>()
  const known = new Set(checklist.map((item) => item.id))
  for (const verdict of verdicts) {
    if (!known.has(verdict.itemId)) throw errors.make('DDA_VERDICT_UNKNOWN', { item: verdict.itemId }, OF_A_JUDGE)
    if (byItem.has(verdict.itemId)) throw errors.make('DDA_VERDICT_DUPLICATE', { item: verdict.itemId }, OF_A_JUDGE)
    byItem.set(verdict.itemId, verdict)
  }
  const of = (scope: Scope): AnsweredScope => {
    const items = itemsOf(checklist, scope)
    const missing = items.filter((item) => !byItem.has(item.id))
    const asked = missing.length < items.length
    if (missing.length > 0 && (asked || required.includes(scope))) {
      const holes = { scope, items: missing.map((item) => item.id).join(', ') }
      throw errors.make('DDA_VERDICT_MISSING', holes, OF_A_JUDGE)
    }
    return { asked, items: items.map((item) => ({ item, passed: passed(item, byItem.get(item.id)) === true })) }
  }
  return { cognitive: of('cognitive'), visual: of('visual') }
}
