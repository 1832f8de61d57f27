import { type Clause, type Kind, type SceneObject, ORDINARY } from '@dda-thinker/tabletop-world'
import type { Wording } from '../instructions/wording.ts'
import type { Dice } from './dice.ts'
import { type Part, combinationsFor } from './split.ts'
import type { CategoryName, SubTask, Task } from './sub-task.ts'
import { type Thing, mentionOf, namesOf, scatter } from './table.ts'

/** A mapping by tag: every thing of the list ends in the same state. It generalises, so a fifth of the kinds is held out. */
export interface Befalls {
  /** Name of the rule its combinations are counted under. */
  readonly rule: string
  readonly kinds: readonly Kind[]
  /** State the things are in beforehand. Absent: ordinary. */
  readonly from?: string
  /** State they end in; `ordinary` takes a state away. */
  readonly to: string
  /** Share of the targets of this sub-task, relative to its other mappings. */
  readonly weight: number
}

/** Mappings of one kind to another. Nothing to generalise from, so all of them occur in both splits. */
export interface Becomes {
  readonly pairs: readonly (readonly [from: string, to: string])[]
  readonly weight: number
}

export interface ChangeRule {
  readonly id: string
  readonly category: CategoryName
  readonly wording: Wording
  readonly because: string
  readonly befalls: readonly Befalls[]
  readonly becomes?: Becomes
  /** Kinds the cause leaves alone. */
  readonly untouched: readonly Kind[]
  /** Things that look as if the cause should change them, and it does not. */
  readonly tempting?: readonly Thing[]
}

/** One thing that a cause changes, and how. */
export interface Target {
  readonly thing: Thing
  readonly clause: Clause
  readonly combination?: string
}

/** A sub-task of one cause, with the rule behind it. */
export interface ChangeSubTask extends SubTask {
  readonly change: ChangeRule
}

/** One or two things change by what they are; the others stay. The shape of all temporal and causal sub-tasks. */
export function changeRule(rule: ChangeRule): ChangeSubTask {
  const combinations = Object.fromEntries(rule.befalls.map((b) => [b.rule, namesOf(b.kinds)]))
  return {
    id: rule.id,
    category: rule.category,
    wording: rule.wording,
    change: rule,
    combinations,
    ...(rule.becomes === undefined ? {} : { becomes: rule.becomes.pairs }),
    make(dice, part): Task | undefined {
      const targets = drawTargets(rule, dice, part, dice.chance(0.35) ? 2 : 1)
      if (targets.length === 0) return undefined
      const others = drawOthers(rule, dice, (dice.chance(0.7) ? 3 : 4) - targets.length, targets)
      if (targets.length + others.length < 3) return undefined
      const objects = scatter(dice, [...targets.map((t) => t.thing), ...others])
      return {
        objects,
        solution: inOrder(objects, targets),
        slots: {},
        because: rule.because,
        combinations: targets.flatMap((t) => t.combination ?? []),
      }
    },
  }
}

function drawTargets(rule: ChangeRule, dice: Dice, part: Part, count: number): Target[] {
  const targets: Target[] = []
  for (let tries = 0; targets.length < count && tries < 12; tries++) {
    const target = drawTarget(rule, dice, part)
    // A result may not be the namesake of another thing on the table: plans name things by kind.
    if (targets.every((t) => disjoint(involved(t), involved(target)))) targets.push(target)
  }
  return targets
}

/** One thing that the cause changes, drawn by the weights of its mappings. */
export function drawTarget(rule: ChangeRule, dice: Dice, part: Part): Target {
  const befalls = rule.befalls.reduce((sum, b) => sum + b.weight, 0)
  let at = dice.unit() * (befalls + (rule.becomes?.weight ?? 0))
  for (const b of rule.befalls) {
    at -= b.weight
    if (at < 0) return befallen(b, dice, part)
  }
  const pairs = rule.becomes?.pairs
  if (pairs === undefined) return befallen(rule.befalls.at(-1) as Befalls, dice, part)
  const [from, to] = dice.pick(pairs)
  return { thing: { kind: from }, clause: { op: 'replace', target: { kind: from }, by: { kind: to } } }
}

function befallen(b: Befalls, dice: Dice, part: Part): Target {
  const kind = dice.pick(combinationsFor(b.rule, namesOf(b.kinds), part))
  const thing = b.from === undefined ? { kind } : { kind, state: b.from }
  return { thing, clause: { op: 'turn', target: mentionOf(thing), state: b.to }, combination: `${b.rule}: ${kind}` }
}

/** The kinds that a change needs to itself: of the thing, and of what it becomes. */
export function involved(target: Target): readonly string[] {
  const { clause } = target
  return clause.op === 'replace' ? [clause.target.kind, clause.by.kind] : [target.thing.kind]
}

function disjoint(a: readonly string[], b: readonly string[]): boolean {
  return a.every((x) => !b.includes(x))
}

function drawOthers(rule: ChangeRule, dice: Dice, count: number, targets: readonly Target[]): Thing[] {
  const taken = new Set(targets.flatMap(involved))
  const others: Thing[] = []
  const add = (thing: Thing): void => {
    if (taken.has(thing.kind) || others.length === count) return
    taken.add(thing.kind)
    others.push(thing)
  }
  if (rule.tempting !== undefined && dice.chance(0.4)) add(dice.pick(rule.tempting))
  for (const kind of dice.sample(namesOf(rule.untouched), count + taken.size)) add({ kind })
  return others
}

/** Edits from left to right, the order a person would tell them in. */
function inOrder(objects: readonly SceneObject[], targets: readonly Target[]): Clause[] {
  return objects.flatMap((o) => targets.find((t) => t.thing.kind === o.kind)?.clause ?? [])
}

/** The mapping back to the ordinary look. */
export function recovers(rule: string, kinds: readonly Kind[], from: string, weight: number): Befalls {
  return { rule, kinds, from, to: ORDINARY, weight }
}
