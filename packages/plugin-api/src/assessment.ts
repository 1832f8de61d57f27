import type { Failure, FailureKind, Outcome, Rollout } from './rollout.ts'
import type { ChecklistItem, Scope } from './sample.ts'
import type { Verdict } from './verdict.ts'

/** A checklist item with what came of it. */
export interface ItemAssessment {
  /** The question. */
  readonly item: ChecklistItem
  /** Absent where no judge was asked, as for the visual items of a gated rollout. */
  readonly verdict: Verdict | undefined
  /** As {@link passed} says. */
  readonly passed: boolean | undefined
}

/** The items of one half of a checklist, in its order. */
export function itemsOf(checklist: readonly ChecklistItem[], scope: Scope): readonly ChecklistItem[] {
  return checklist.filter((item) => item.scope === scope)
}

/**
 * Did the item pass? It does where the answer is the expected one; `unsure` passes none. `undefined` where it was never
 * asked, which is neither a pass nor a fail.
 */
export function passed(item: Pick<ChecklistItem, 'expected'>, verdict: Verdict): boolean
/** As above, of an item that may not have been asked. */
export function passed(item: Pick<ChecklistItem, 'expected'>, verdict: Verdict | undefined): boolean | undefined
export function passed(item: Pick<ChecklistItem, 'expected'>, verdict: Verdict | undefined): boolean | undefined {
  return verdict === undefined ? undefined : verdict.answer === item.expected
}

/** Every item with its verdict, in the order of the checklist; where one was answered twice, the first answer holds. */
export function assess(checklist: readonly ChecklistItem[], verdicts: readonly Verdict[]): readonly ItemAssessment[] {
  const byItem = new Map<string, Verdict>()
  for (const verdict of verdicts) if (!byItem.has(verdict.itemId)) byItem.set(verdict.itemId, verdict)
  return checklist.map((item) => {
    const verdict = byItem.get(item.id)
    return { item, verdict, passed: passed(item, verdict) }
  })
}

/**
 * Does the rollout count: in rates, means and the update? Scored and gated ones do (together: *counted*); masked ones leave
 * numerator and denominator.
 */
export function counts(outcome: Outcome): boolean {
  return outcome.kind !== 'masked'
}

/** Kinds of failures that may pass: the same request may well succeed at another time. */
export const TRANSIENT_KINDS: ReadonlySet<FailureKind> = new Set(['timeout', 'rate-limit', 'server', 'connection'])

/**
 * Does the command that met the failure try again when it is given again? Where it may pass ({@link TRANSIENT_KINDS}), and where a service was
 * not to be had (`unavailable`): no repeat helps before somebody has renewed a key or paid, but then it is worth a call.
 */
export function isTriedAgain({ kind }: Pick<Failure, 'kind'>): boolean {
  return kind === 'unavailable' || TRANSIENT_KINDS.has(kind)
}

/** Is it masked by a failure after which the command that made it tries it again ({@link isTriedAgain})? */
export function failedInPassing(outcome: Outcome): boolean {
  return outcome.kind === 'masked' && isTriedAgain(outcome.failure)
}

/**
 * Was the task solved: scored, and every item asked and passed? A gated rollout is not solved, having no picture; neither is one
 * of an empty checklist, of which nothing is known.
 */
export function isSolved(
  { outcome, verdicts }: Pick<Rollout, 'outcome' | 'verdicts'>,
  checklist: readonly ChecklistItem[],
): boolean {
  if (outcome.kind !== 'scored' || checklist.length === 0) return false
  return assess(checklist, verdicts).every((one) => one.passed === true)
}
