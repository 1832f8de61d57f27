import { excerpt } from './excerpt.ts'
import { verdictShapeProblem } from './noun-problem.ts'
import type { ChecklistItem } from './sample.ts'

/** A judge's answer to one checklist item. */
export interface Verdict {
  /** The id of the {@link ChecklistItem}. */
  readonly itemId: string
  /** `unsure` passes no item, whatever was expected. */
  readonly answer: 'yes' | 'no' | 'unsure'
  /** Probability of `yes`, where the judge gives one. */
  readonly probability?: number
  /** In words, for people; never part of a score. */
  readonly reason?: string
  /** Fingerprint of the judge. */
  readonly judge: string
  /**
   * Only beside `unsure`: the judge has nothing to go by, for example two pictures whose shapes cannot be compared. The engine asks the next judge that
   * can answer the item; where there is none, the rollout is masked. So it never becomes an answer that counts.
   */
  readonly unmeasured?: true
}

/**
 * Why verdicts cannot be used, in words; undefined for exactly one sound verdict an item. A judge that forgets one must not make
 * it easier, or harder, to pass.
 */
export function verdictProblem(items: readonly ChecklistItem[], verdicts: readonly Verdict[]): string | undefined {
  const open = new Set(items.map((item) => item.id))
  // Also asked of what files hold.
  if (!Array.isArray(verdicts)) return `there is no list of verdicts but ${excerpt(verdicts)}`
  for (const verdict of verdicts) {
    const shape = verdictShapeProblem(verdict)
    if (shape !== undefined) return shape
    const { itemId, answer, unmeasured } = verdict
    if (!open.delete(itemId)) return `item "${itemId}" was not asked, or is answered twice`
    if (unmeasured === true && answer !== 'unsure')
      return `item "${itemId}" is unmeasured and has the answer "${answer}"`
  }
  return open.size === 0 ? undefined : `no verdict for item "${[...open].join('", "')}"`
}
