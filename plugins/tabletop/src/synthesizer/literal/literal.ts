import type { Split } from '@dda-thinker/plugin-api'
import { type Clause, type Column, KINDS, type SceneObject } from '@dda-thinker/tabletop-world'
import type { Dice } from '../../rules/dice.ts'
import { splitOfLayout } from '../../rules/split.ts'
import { SUB_TASKS } from '../../rules/sub-tasks.ts'
import { type Thing, scatter } from '../../rules/table.ts'
import { type Draft, planTextOf } from '../compose/compose.ts'
import * as edits from './edits.ts'
import { looksOf } from './plausible.ts'

const MOST_WORDS = 24
/** Of a plan; the shipped policy has room for 36 tokens, and most tokens are whole words. */
const MOST_PLAN_WORDS = 38

const MAKERS: readonly (readonly [maker: edits.EditMaker, weight: number])[] = [
  [edits.turn, 22],
  [edits.turnSeveral, 12],
  [edits.replace, 20],
  [edits.remove, 11],
  [edits.removeSeveral, 2],
  [edits.swap, 10],
  [edits.swapBySight, 9],
  [edits.swapPairs, 5],
  [edits.move, 8],
  [edits.add, 9],
  [edits.resize, 3],
]

/**
 * A task of the literal curriculum: edits told outright, with the plan that makes them. It teaches the plan language, the
 * names of all things and looks, and what can become of a thing; never which instruction calls for it.
 */
export function literalDraft(dice: Dice, split: Split, _index: number): Draft {
  for (;;) {
    const objects = sceneOf(dice)
    if (splitOfLayout(objects) !== split) continue
    const told = tell(dice, objects)
    if (told === undefined || planTextOf(objects, told.clauses).split(' ').length > MOST_PLAN_WORDS) continue
    return {
      split,
      category: 'literal',
      subtask: told.clauses[0]?.op ?? 'literal',
      instruction: told.instruction,
      objects,
      solution: told.clauses,
      demonstrate: true,
      facts: { curriculum: 'literal', kinds: objects.map((o) => o.kind).join(', ') },
    }
  }
}

/** A table of a reasoning task, for its sizes, patterns and number cards, or any things at all. */
function sceneOf(dice: Dice): readonly SceneObject[] {
  if (dice.chance(0.55)) {
    const task = dice.pick(SUB_TASKS).make(dice, 'any')
    if (task !== undefined) return task.objects
  }
  const things = dice
    .sample(KINDS, dice.chance(0.7) ? dice.integer(3, 4) : dice.pick([2, 5]))
    .map(({ name }): Thing => {
      const looks = looksOf({ kind: name })
      return looks.length > 0 && dice.chance(0.35) ? { kind: name, state: dice.pick(looks) } : { kind: name }
    })
  return scatter(dice, things)
}

function tell(
  dice: Dice,
  objects: readonly SceneObject[],
): { readonly instruction: string; readonly clauses: readonly Clause[] } | undefined {
  const unique = new Set(objects.map((o) => o.kind)).size === objects.length
  const wanted = dice.chance(0.62) ? 1 : dice.chance(0.75) ? 2 : 3
  const words: string[] = []
  const clauses: Clause[] = []
  let untouched = objects
  let freeColumns: readonly Column[] = edits.freeColumnsOf(objects)
  for (let tries = 0; words.length < wanted && clauses.length < 3 && tries < 10; tries++) {
    // Plans name things by kind; where a kind stands twice, only adding is unambiguous.
    const maker = unique ? dice.weighted(MAKERS, ([, weight]) => weight)[0] : edits.add
    const edit = maker({ dice, objects, untouched, freeColumns, bySight: words.length === 0 })
    if (edit === undefined || clauses.length + edit.clauses.length > 3 || clashes(edit.clauses, clauses)) continue
    words.push(edit.words)
    clauses.push(...edit.clauses)
    const named = new Set(edit.clauses.flatMap(kindsIn))
    untouched = untouched.filter((o) => !named.has(o.kind))
    const taken = edit.clauses.map(columnOf)
    freeColumns = freeColumns.filter((column) => !taken.includes(column))
    if (!unique) break
  }
  if (words.length < wanted && unique) return undefined
  const instruction = sentence(dice, words)
  return clauses.length === 0 || instruction.split(' ').length > MOST_WORDS ? undefined : { instruction, clauses }
}

/** Would a later edit bring a second thing of a kind, or of a result's kind, into the instruction? */
function clashes(added: readonly Clause[], clauses: readonly Clause[]): boolean {
  const known = new Set(clauses.flatMap(kindsIn))
  return added.some((clause) => kindsIn(clause).some((kind) => known.has(kind)))
}

function kindsIn(clause: Clause): readonly string[] {
  switch (clause.op) {
    case 'swap':
      return [clause.target.kind, clause.other.kind]
    case 'replace':
      return [clause.target.kind, clause.by.kind]
    case 'add':
      return [clause.thing.kind]
    default:
      return [clause.target.kind]
  }
}

function columnOf(clause: Clause): Column | undefined {
  if (clause.op === 'add') return clause.at.column
  return clause.op === 'move' ? clause.to.column : undefined
}

function sentence(dice: Dice, words: readonly string[]): string {
  const [first = '', ...rest] = words
  const glue = dice.pick([', then ', ' and ', '. Then ', ', and '])
  const told = [first, ...rest].join(rest.length > 1 && glue === ' and ' ? ', then ' : glue)
  const whole = dice.chance(0.2) ? `please ${told}` : told
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}.`
}
