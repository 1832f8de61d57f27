import { type ChangeRule, type ChangeSubTask, type Target, involved } from '../change-rule.ts'
import { drop, freeze, heat, rain } from '../causal.ts'
import { namesOf } from '../table.ts'
import { century, hours, month, years } from '../temporal.ts'

/**
 * The causes that can act on one table at once. Those that undo what happened before (`past`, `water`) are left out: beside
 * another cause it would be a matter of opinion what came first.
 */
export const CAUSES: readonly ChangeSubTask[] = [month, hours, years, century, rain, drop, heat, freeze]

/**
 * Does the cause surely leave alone whatever a change of another cause concerns, before and after it? So which of two causes
 * came first makes no difference, and no thing is changed by both.
 */
export function spares(rule: ChangeRule, target: Target): boolean {
  const untouched = untouchedBy(rule)
  return involved(target).every((kind) => untouched.has(kind))
}

const known = new Map<ChangeRule, ReadonlySet<string>>()

/** Names of the kinds that a cause leaves alone. */
export function untouchedBy(rule: ChangeRule): ReadonlySet<string> {
  let names = known.get(rule)
  if (names === undefined) known.set(rule, (names = new Set(namesOf(rule.untouched))))
  return names
}

/** Pairs of causes of which each changes at least this many kinds that the other leaves alone. */
const KINDS_EACH = 3

/** All pairs of {@link CAUSES} that can act on one table, each pair once. */
export const CAUSE_PAIRS: readonly (readonly [ChangeSubTask, ChangeSubTask])[] = CAUSES.flatMap((a, i) =>
  CAUSES.slice(i + 1)
    .filter((b) => ownKinds(a, b) >= KINDS_EACH && ownKinds(b, a) >= KINDS_EACH)
    .map((b) => [a, b] as const),
)

function ownKinds(of: ChangeSubTask, beside: ChangeSubTask): number {
  const untouched = untouchedBy(beside.change)
  const befallen = of.change.befalls.flatMap(({ kinds }) => namesOf(kinds)).filter((kind) => untouched.has(kind))
  const becoming = (of.change.becomes?.pairs ?? []).filter((pair) => pair.every((kind) => untouched.has(kind)))
  return befallen.length + becoming.length
}
