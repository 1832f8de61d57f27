import {
  type Clause,
  type Column,
  KINDS,
  ORDINARY,
  type Place,
  type SceneObject,
  printMention,
  printPlace,
} from '@dda-thinker/tabletop-world'
import type { Dice } from '../../rules/dice.ts'
import { ALL_COLUMNS, SIZE_NAMES, mentionOf } from '../../rules/table.ts'
import { looksOf, remainsOf, resultsOf } from './plausible.ts'
import { byName, bySight, everyOf, groupsOn, indexOf, ordinal } from '../compose/references.ts'

/** One edit told outright, and the clauses it asks for. */
export interface LiteralEdit {
  readonly words: string
  readonly clauses: readonly Clause[]
}

/** What an edit may still work on. */
export interface Workplace {
  readonly dice: Dice
  /** From left to right. */
  readonly objects: readonly SceneObject[]
  /** Things no earlier edit of the instruction names. */
  readonly untouched: readonly SceneObject[]
  readonly freeColumns: readonly Column[]
  /** May things be told by place, size or group? Not after an edit that may have changed them. */
  readonly bySight: boolean
}

export type EditMaker = (at: Workplace) => LiteralEdit | undefined

function refer(at: Workplace, object: SceneObject): string {
  return at.bySight && at.dice.chance(0.35) ? bySight(at.dice, object, at.objects) : byName(at.dice, object)
}

function turnClause(object: SceneObject, state: string): Clause {
  return { op: 'turn', target: mentionOf(object), state }
}

function turnWords(dice: Dice, what: string, state: string): string {
  const forms = [`turn ${what} ${state}`, `turn ${what} ${state}`, `make ${what} ${state}`, `let ${what} be ${state}`]
  if (state === ORDINARY) forms.push(`make ${what} ordinary again`)
  return dice.pick(forms)
}

export const turn: EditMaker = (at) => {
  const object = pickOf(at, (o) => looksOf(o).length > 0)
  if (object === undefined) return undefined
  const state = at.dice.pick(looksOf(object))
  return { words: turnWords(at.dice, refer(at, object), state), clauses: [turnClause(object, state)] }
}

export const replace: EditMaker = (at) => {
  const object = pickOf(at, (o) => resultsOf(o).length > 0 || (remainsOf(o) !== undefined && at.dice.chance(0.1)))
  if (object === undefined) return undefined
  const kind = resultsOf(object).length > 0 ? at.dice.pick(resultsOf(object)) : remainsOf(object)
  if (kind === undefined || at.objects.some((o) => o.kind === kind)) return undefined
  const what = refer(at, object)
  const by = printMention({ kind }, 'a')
  const words = at.dice.pick([
    `replace ${what} with ${by}`,
    `replace ${what} by ${by}`,
    `put ${by} in place of ${what}`,
    `turn ${what} into ${by}`,
  ])
  return { words, clauses: [{ op: 'replace', target: mentionOf(object), by: { kind } }] }
}

function removeWords(dice: Dice, what: string): string {
  return dice.pick([`remove ${what}`, `take away ${what}`, `take ${what} away`, `take ${what} off the table`])
}

export const remove: EditMaker = (at) => {
  const object = pickOf(at)
  if (object === undefined || at.objects.length < 2) return undefined
  return {
    words: removeWords(at.dice, refer(at, object)),
    clauses: [{ op: 'remove', target: mentionOf(object) }],
  }
}

function swapClause(a: SceneObject, b: SceneObject): Clause {
  const [target, other] = a.column < b.column ? [a, b] : [b, a]
  return { op: 'swap', target: mentionOf(target), other: mentionOf(other) }
}

function swapWords(dice: Dice, a: string, b: string): string {
  return dice.pick([
    `swap ${a} and ${b}`,
    `swap ${a} with ${b}`,
    `exchange ${a} and ${b}`,
    `let ${a} and ${b} trade places`,
  ])
}

export const swap: EditMaker = (at) => {
  const [a, b] = at.dice.sample(at.untouched, 2)
  if (a === undefined || b === undefined) return undefined
  return { words: swapWords(at.dice, refer(at, a), refer(at, b)), clauses: [swapClause(a, b)] }
}

/** "swap the first and the last thing", "swap the two tools", "swap the biggest and the smallest thing". */
export const swapBySight: EditMaker = (at) => {
  if (!at.bySight) return undefined
  const { dice, objects } = at
  const group = dice.chance(0.4) ? groupsOn(objects).find(([, members]) => members.length === 2) : undefined
  if (group !== undefined) {
    const [a, b] = group[1] as [SceneObject, SceneObject]
    return { words: swapWordsOfPair(dice, everyOf(dice, group[0], 2)), clauses: [swapClause(a, b)] }
  }
  const [a, b] = dice.chance(0.35) ? [objects[0], objects.at(-1)] : dice.sample(objects, 2)
  if (a === undefined || b === undefined || a === b) return undefined
  const [first, second] = a.column < b.column ? [a, b] : [b, a]
  const name = (o: SceneObject): string => ordinal(indexOf(o, objects), objects.length)
  return {
    words: swapWords(dice, `the ${name(first)}`, `the ${name(second)} thing`),
    clauses: [swapClause(first, second)],
  }
}

function swapWordsOfPair(dice: Dice, pair: string): string {
  return dice.pick([`swap ${pair}`, `let ${pair} trade places`])
}

/** "swap the first and the last thing and then the second and the fourth". */
export const swapPairs: EditMaker = (at) => {
  if (!at.bySight || at.objects.length < 4) return undefined
  const { dice, objects } = at
  const pairs = dice.chance(0.6)
    ? [objects[0], objects.at(-1), objects[1], objects.at(-2)]
    : dice.sample(objects, 4).toSorted((x, y) => x.column - y.column)
  const [a, b, c, d] = pairs as [SceneObject, SceneObject, SceneObject, SceneObject]
  const name = (o: SceneObject): string =>
    dice.chance(0.5) ? `the ${ordinal(indexOf(o, objects), objects.length)} thing` : byName(dice, o)
  return {
    words: `swap ${name(a)} and ${name(b)} and then ${name(c)} and ${name(d)}`,
    clauses: [swapClause(a, b), swapClause(c, d)],
  }
}

/** "turn every fruit rotten", "turn both animals wet", "make the two things on the left dusty". */
export const turnSeveral: EditMaker = (at) => {
  if (!at.bySight) return undefined
  const [what, members] = several(at)
  if (what === undefined || members.length > 3) return undefined
  const common = looksOf(members[0] as SceneObject).filter((state) => members.every((o) => looksOf(o).includes(state)))
  if (common.length === 0) return undefined
  const state = at.dice.pick(common)
  return { words: turnWords(at.dice, what, state), clauses: members.map((o) => turnClause(o, state)) }
}

export const removeSeveral: EditMaker = (at) => {
  if (!at.bySight) return undefined
  const [what, members] = several(at)
  if (what === undefined || members.length > 2 || members.length === at.objects.length) return undefined
  return {
    words: removeWords(at.dice, what),
    clauses: members.map((o) => ({ op: 'remove', target: mentionOf(o) })),
  }
}

function several(at: Workplace): readonly [string | undefined, readonly SceneObject[]] {
  const { dice, objects } = at
  const groups = groupsOn(objects)
  if (groups.length > 0 && dice.chance(0.75)) {
    const [category, members] = dice.pick(groups)
    return [everyOf(dice, category, members.length), members]
  }
  if (objects.length < 3) return [undefined, []]
  return dice.chance(0.5)
    ? ['the two things on the left', objects.slice(0, 2)]
    : ['the two things on the right', objects.slice(-2)]
}

export const move: EditMaker = (at) => {
  const object = pickOf(at)
  if (object === undefined) return undefined
  const to = destination(at, object)
  const verb = at.dice.pick(['move', 'bring', 'put'])
  const where = `${verb === 'put' ? 'at' : 'to'} ${placeWords(at.dice, to)}`
  return { words: `${verb} ${refer(at, object)} ${where}`, clauses: [{ op: 'move', target: mentionOf(object), to }] }
}

/** A free column, now and then with a row; or the other row of its own column. */
function destination({ dice, freeColumns }: Workplace, object: SceneObject): Place {
  const row = object.row === 'back' ? 'front' : 'back'
  if (freeColumns.length === 0 || dice.chance(0.15)) return { row }
  const column = dice.pick(freeColumns)
  return dice.chance(0.15) ? { row, column } : { column }
}

export const add: EditMaker = (at) => {
  const { dice } = at
  if (at.freeColumns.length === 0) return undefined
  const column = dice.pick(at.freeColumns)
  const place: Place = dice.chance(0.2) ? { row: 'back', column } : { column }
  const where = placeWords(dice, place)
  // Copies of what stands there, told by sight, or anything else, told by name.
  const copied = dice.chance(0.5) ? dice.pick(at.objects) : undefined
  const kind = copied?.kind ?? dice.pick(KINDS).name
  const clause: Clause = { op: 'add', thing: { kind }, at: place }
  const known = at.objects.some((o) => o.kind === kind)
  if (copied === undefined || !at.bySight || dice.chance(0.4)) {
    const thing = known && dice.chance(0.5) ? `another ${kind}` : printMention({ kind }, 'a')
    return { words: `${dice.pick(['add', 'put', 'place'])} ${thing} at ${where}`, clauses: [clause] }
  }
  const name = `the ${ordinal(indexOf(copied, at.objects), at.objects.length)} thing`
  const words = dice.pick([`add another one like ${name} at ${where}`, `put a copy of ${name} at ${where}`])
  return { words, clauses: [clause] }
}

export const resize: EditMaker = (at) => {
  const object = pickOf(at)
  if (object === undefined) return undefined
  const size = at.dice.pick(SIZE_NAMES.filter((name) => name !== object.size))
  return {
    words: `make ${refer(at, object)} ${size}`,
    clauses: [{ op: 'resize', target: mentionOf(object), size }],
  }
}

function placeWords(dice: Dice, place: Place): string {
  const words = printPlace(place)
  return place.column !== undefined && place.row === undefined && dice.chance(0.4)
    ? words.replace(/^the /, 'the free place on the ').replace('on the middle', 'in the middle')
    : words
}

function pickOf(at: Workplace, fits: (object: SceneObject) => boolean = () => true): SceneObject | undefined {
  const candidates = at.untouched.filter(fits)
  return candidates.length === 0 ? undefined : at.dice.pick(candidates)
}

/** Columns where nothing stands. */
export function freeColumnsOf(objects: readonly SceneObject[]): readonly Column[] {
  return ALL_COLUMNS.filter((column) => objects.every((o) => o.column !== column))
}
