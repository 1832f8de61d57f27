import type { Clause, Mention } from '../language/clause.ts'
import { printPlan } from '../language/print.ts'
import { kindOf } from '../world/catalogue.ts'
import { hashText, randomOf } from '../world/random.ts'
import { ORDINARY, statesOf } from '../world/states.ts'

/** Edits from which on a plan is long, unless it is said. */
export const DEFAULT_LONG_PLAN = 4

/**
 * How an Editor fails by itself, whatever the plan is worth. Same seed, plan and options: same failure. Each has a stream of its own, so
 * that none of them changes what happens without it.
 */
export interface Misfortunes {
  /** Probability that the second half of a long plan is forgotten. Default 0. */
  readonly longPlanMissRate?: number
  /** Edits from which on a plan is long. Default {@link DEFAULT_LONG_PLAN}. */
  readonly longPlan?: number
  /** Probability that a plan of which something was done also changes a thing that it does not name. Default 0. */
  readonly damageRate?: number
}

/** How many edits at the end of the plan are forgotten: none, or half of a long plan, rounded down. */
export function forgottenOf(
  clauses: readonly Clause[],
  { seed, longPlanMissRate = 0, longPlan = DEFAULT_LONG_PLAN }: Misfortunes & { readonly seed: number },
): number {
  if (longPlanMissRate === 0 || clauses.length < longPlan) return 0
  return streamOf(seed, 'forget', clauses)() < longPlanMissRate ? Math.floor(clauses.length / 2) : 0
}

/**
 * What is done unasked to a thing that the plan does not name: it is removed, resized or, where its kind allows, changed in look.
 *
 * @param things what lies on the table after the plan
 */
export function damageOf(
  clauses: readonly Clause[],
  things: readonly Mention[],
  { seed, damageRate = 0 }: Misfortunes & { readonly seed: number },
): { readonly clause: Clause; readonly random: () => number } | undefined {
  if (damageRate === 0) return undefined
  const random = streamOf(seed, 'damage', clauses)
  if (random() >= damageRate) return undefined
  const named = new Set(clauses.flatMap(kindsIn))
  const spared = things.filter(({ kind }) => !named.has(kind))
  const target = spared[Math.floor(random() * spared.length)]
  if (target === undefined) return undefined
  const draw = random()
  if (draw < 1 / 3) return { clause: { op: 'remove', target }, random }
  const kind = kindOf(target.kind)
  const state = kind && statesOf(kind).find(({ name }) => name !== target.state)
  if (draw < 2 / 3 && state !== undefined) {
    const to = target.state === ORDINARY ? state.name : ORDINARY
    return { clause: { op: 'turn', target, state: to }, random }
  }
  return { clause: { op: 'resize', target, size: random() < 0.5 ? 'small' : 'large' }, random }
}

function kindsIn(clause: Clause): readonly string[] {
  switch (clause.op) {
    case 'swap':
      return [clause.target.kind, clause.other.kind]
    case 'add':
      return [clause.thing.kind]
    case 'replace':
      return [clause.target.kind, clause.by.kind]
    default:
      return [clause.target.kind]
  }
}

function streamOf(seed: number, what: string, clauses: readonly Clause[]): () => number {
  return randomOf(hashText(`${seed}|${what}|${printPlan(clauses)}`))
}
