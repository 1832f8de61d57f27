import type { Clause, Column, Row, SceneObject } from '@dda-thinker/tabletop-world'
import { type ChangeSubTask, type Target, drawTarget, involved } from '../change-rule.ts'
import type { Dice } from '../dice.ts'
import { SYMMETRIC, mirror, outermost } from '../spatial.ts'
import { type Part, heldOutOf } from '../split.ts'
import type { SubTask } from '../sub-task.ts'
import { ALL_COLUMNS, put, swap } from '../table.ts'
import { CAUSES, CAUSE_PAIRS, spares, untouchedBy } from './pairs.ts'

/** What a composed task asks for at once: causes, and how things trade places. */
export interface Form {
  /** Unique, kebab-case: the sub-task of its samples. */
  readonly id: string
  readonly category: 'two-causes' | 'cause-and-places' | 'three-rules'
  readonly causes: 1 | 2
  readonly places?: SubTask
}

/** All forms; they take turns, so any number of samples is balanced. */
export const FORMS: readonly Form[] = [
  { id: 'two-causes', category: 'two-causes', causes: 2 },
  { id: 'cause-outermost', category: 'cause-and-places', causes: 1, places: outermost },
  { id: 'two-causes-outermost', category: 'three-rules', causes: 2, places: outermost },
  { id: 'cause-mirror', category: 'cause-and-places', causes: 1, places: mirror },
  { id: 'two-causes-mirror', category: 'three-rules', causes: 2, places: mirror },
]

/** Edits of a composed task. */
export const FEWEST_EDITS = 3
export const MOST_EDITS = 6

/** A task of two or three rules. */
export interface ComposedTask {
  readonly objects: readonly SceneObject[]
  /** Exchanges first: what trades places is named as it stood. */
  readonly solution: readonly Clause[]
  /** The sub-tasks whose rules are at work, in the order in which they are asked for. */
  readonly rules: readonly SubTask[]
  readonly because: string
  /** Object × rule combinations that it uses. */
  readonly combinations: readonly string[]
}

/**
 * A task of a form. In training none of its object × rule combinations is held out; a held-out task uses at least one that is.
 * The other things of a held-out task may be any, because a fifth of a fifth would leave no table.
 *
 * @returns `undefined` where the dice did not make a proper scene
 */
export function makeComposed(form: Form, dice: Dice, part: Part): ComposedTask | undefined {
  const causes: readonly ChangeSubTask[] = form.causes === 2 ? dice.pick(CAUSE_PAIRS) : [dice.pick(CAUSES)]
  const changes = drawChanges(form, causes, dice, part)
  const columns = columnsOf(form, dice)
  if (changes === undefined || columns.length < changes.length) return undefined
  const others = bystanders(causes, changes, dice, columns.length - changes.length)
  if (others === undefined) return undefined
  const things = dice.shuffle([...changes.map(({ thing }) => thing), ...others.map((kind) => ({ kind }))])
  // Partners share a row: then trading places is the whole reflection.
  const rows = columns.map(() => dice.pick(['back', 'front'] as const))
  const rowOf = (i: number): Row | undefined =>
    form.places === mirror ? rows[Math.min(i, columns.length - 1 - i)] : undefined
  const objects = things.map((thing, i) => put(dice, thing, columns[i] as Column, rowOf(i)))
  const swaps = exchanges(form, objects)
  const turns = objects.flatMap((o) => changes.find(({ thing }) => thing.kind === o.kind)?.clause ?? [])
  const solution = [...swaps.map(([a, b]) => swap(a, b)), ...turns]
  if (solution.length < FEWEST_EDITS || solution.length > MOST_EDITS) return undefined
  const rules = [...causes, ...(form.places === undefined ? [] : [form.places])]
  const combinations = [
    ...changes.flatMap(({ combination }) => combination ?? []),
    ...swaps.flat().map(({ kind }) => `${form.places?.id}: ${kind}`),
  ]
  if (combinations.some((one) => isHeldOut(one, rules)) !== (part === 'held-out')) return undefined
  return { objects, solution, rules: dice.shuffle(rules), because: because(form, causes), combinations }
}

/** Things that the causes change: one to three each, and at least as many in all as the form needs. */
function drawChanges(
  form: Form,
  causes: readonly ChangeSubTask[],
  dice: Dice,
  part: Part,
): readonly Target[] | undefined {
  const changes: Target[] = []
  for (const cause of causes) {
    const others = causes.filter((other) => other !== cause)
    const wanted = changes.length + (form.causes === 1 ? dice.integer(2, 3) : dice.integer(1, 2))
    for (let tries = 0; changes.length < wanted && tries < 40; tries++) {
      const from = part === 'held-out' && dice.chance(0.5) ? 'any' : part
      const target = drawTarget(cause.change, dice, from)
      const taken = changes.flatMap(involved)
      if (involved(target).some((kind) => taken.includes(kind))) continue
      if (others.every((other) => spares(other.change, target))) changes.push(target)
    }
    if (changes.length < wanted) return undefined
  }
  return changes
}

function columnsOf(form: Form, dice: Dice): readonly Column[] {
  if (form.places === mirror) return dice.pick(SYMMETRIC.filter((places) => places.length >= 4))
  return dice.sample(ALL_COLUMNS, dice.integer(4, 5)).toSorted((a, b) => a - b)
}

/** Kinds that every cause leaves alone. */
function bystanders(
  causes: readonly ChangeSubTask[],
  changes: readonly Target[],
  dice: Dice,
  count: number,
): readonly string[] | undefined {
  const taken = changes.flatMap(involved)
  const [first, ...rest] = causes.map(({ change }) => untouchedBy(change))
  const kinds = [...(first ?? [])].filter((kind) => rest.every((set) => set.has(kind)) && !taken.includes(kind))
  const chosen = dice.sample(kinds, count)
  return chosen.length < count ? undefined : chosen
}

function exchanges(form: Form, objects: readonly SceneObject[]): (readonly [SceneObject, SceneObject])[] {
  if (form.places === undefined) return []
  const count = form.places === mirror ? Math.floor(objects.length / 2) : 1
  return objects.slice(0, count).map((o, i) => [o, objects[objects.length - 1 - i] as SceneObject])
}

/** Is the combination, named as `rule: kind`, one that only the held-out split may use? */
export function isHeldOut(combination: string, rules: readonly SubTask[]): boolean {
  const [rule = '', kind = ''] = combination.split(': ')
  const all = rules.map(({ combinations }) => combinations[rule]).find((list) => list !== undefined)
  return heldOutOf(rule, all ?? []).has(kind)
}

function because(form: Form, causes: readonly ChangeSubTask[]): string {
  const places =
    form.places === mirror ? 'Things trade places with those opposite them.' : 'The outermost trade places.'
  return [...causes.map(({ change }) => change.because), ...(form.places === undefined ? [] : [places])].join(' ')
}
