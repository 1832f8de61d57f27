import type { Split } from '@dda-thinker/plugin-api'
import { type SceneObject, hashText, randomOf } from '@dda-thinker/tabletop-world'

/** Share of object × rule combinations and of scenes that only the held-out split may use. */
export const HELD_OUT_SHARE = 0.2

/** Whose part of the combinations a draw may use. `any` is the literal curriculum: vocabulary, not reasoning. */
export type Part = Split | 'any'

/** A stable number in [0, 1) for a text, the same on every machine and in every run. */
function fraction(text: string): number {
  return randomOf(hashText(text))()
}

/**
 * The combinations of a rule that are held out: the fifth (at least one where there are two) with the lowest hash. It
 * depends on the rule's name and the combinations alone, so seeds and versions of the samples do not move it.
 */
export function heldOutOf(rule: string, combinations: readonly string[]): ReadonlySet<string> {
  const key = `${rule}|${combinations.join('|')}`
  let heldOut = known.get(key)
  if (heldOut === undefined) known.set(key, (heldOut = choose(rule, combinations)))
  return heldOut
}

const known = new Map<string, ReadonlySet<string>>()

function choose(rule: string, combinations: readonly string[]): ReadonlySet<string> {
  const count = combinations.length < 2 ? 0 : Math.max(1, Math.ceil(combinations.length * HELD_OUT_SHARE))
  const ranked = combinations.toSorted((a, b) => fraction(`${rule}|${a}`) - fraction(`${rule}|${b}`))
  return new Set(ranked.slice(0, count))
}

/** The combinations of a rule that a part may use. */
export function combinationsFor(rule: string, combinations: readonly string[], part: Part): readonly string[] {
  if (part === 'any') return combinations
  const heldOut = heldOutOf(rule, combinations)
  return combinations.filter((combination) => heldOut.has(combination) === (part === 'held-out'))
}

/** What two scenes must share to count as the same: things, looks, places and sizes, but not pixels of jitter. */
export function layoutOf(objects: readonly SceneObject[]): string {
  return objects
    .map((o) => `${o.state ?? ''} ${o.kind} ${o.column}${o.row} ${o.size}`)
    .toSorted()
    .join(',')
}

/** Every possible scene belongs to exactly one split, whatever the seed. */
export function splitOfLayout(objects: readonly SceneObject[]): Split {
  return fraction(layoutOf(objects)) < HELD_OUT_SHARE ? 'held-out' : 'train'
}
