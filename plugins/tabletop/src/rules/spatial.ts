import type { Column, Row, SceneObject, Size } from '@dda-thinker/tabletop-world'
import { COLUMN_NAMES } from '@dda-thinker/tabletop-world'
import * as wording from '../instructions/spatial.ts'
import type { Dice } from './dice.ts'
import { type Part, combinationsFor } from './split.ts'
import type { SubTask, Task } from './sub-task.ts'
import { ALL_COLUMNS, ORDINARY_KINDS, SIZE_NAMES, mentionOf, namesOf, put, swap } from './table.ts'

const KIND_NAMES = namesOf(ORDINARY_KINDS)

/** Kinds in the main part of a spatial task come from the part's share; the others may be anything. */
function cast(dice: Dice, rule: string, part: Part, main: number, extras: number): [main: string[], extras: string[]] {
  const chosen = dice.sample(combinationsFor(rule, KIND_NAMES, part), main)
  return [
    chosen,
    dice.sample(
      KIND_NAMES.filter((name) => !chosen.includes(name)),
      extras,
    ),
  ]
}

function combinationsOf(rule: string, kinds: readonly string[]): readonly string[] {
  return kinds.map((kind) => `${rule}: ${kind}`)
}

function spatial(id: string, words: SubTask['wording'], make: SubTask['make']): SubTask {
  return { id, category: 'spatial', wording: words, combinations: { [id]: KIND_NAMES }, make }
}

function columns(dice: Dice, count: number): Column[] {
  return dice.sample(ALL_COLUMNS, count).toSorted((a, b) => a - b)
}

export const outermost = spatial('outermost', wording.outermost, (dice, part) => {
  const count = dice.integer(3, 4)
  const [ends, between] = cast(dice, 'outermost', part, 2, count - 2)
  const places = columns(dice, count)
  const order = [ends[0], ...between, ends[1]] as string[]
  const objects = order.map((kind, i) => put(dice, { kind }, places[i] as Column))
  return {
    objects,
    solution: [swap(objects[0] as SceneObject, objects.at(-1) as SceneObject)],
    slots: {},
    because: 'The first and the last thing trade places; what stands between them stays.',
    combinations: combinationsOf('outermost', ends),
  }
})

/** Columns of things that stand in symmetric places. */
export const SYMMETRIC: readonly (readonly Column[])[] = [
  [0, 2, 4],
  [1, 2, 3],
  [0, 1, 3, 4],
  [0, 1, 3, 4],
  [0, 1, 2, 3, 4],
]

export const mirror = spatial('mirror', wording.mirror, (dice, part) => {
  const places = dice.pick(SYMMETRIC)
  const [kinds] = cast(dice, 'mirror', part, places.length, 0)
  // Partners share a row: then trading places is the whole reflection.
  const rows = places.map(() => dice.pick(['back', 'front'] as const))
  const objects = kinds.map((kind, i) =>
    put(dice, { kind }, places[i] as Column, rows[Math.min(i, kinds.length - 1 - i)] as Row),
  )
  const solution = objects
    .slice(0, Math.floor(objects.length / 2))
    .map((object, i) => swap(object, objects[objects.length - 1 - i] as SceneObject))
  return {
    objects,
    solution,
    slots: {},
    because: 'In a mirror left and right trade places: the first thing is the last, and what is in the middle stays.',
    combinations: combinationsOf('mirror', kinds),
  }
})

export const neighbour = spatial('neighbour', wording.neighbour, (dice, part) => {
  const count = dice.integer(3, 4)
  const [[lost], others] = cast(dice, 'neighbour', part, 1, count - 1)
  const first = dice.integer(0, 5 - count)
  const side = dice.pick(['left', 'right'] as const)
  const step = side === 'left' ? 1 : -1
  const at = side === 'left' ? dice.integer(0, count - 2) : dice.integer(1, count - 1)
  const order = [...others]
  order.splice(at, 0, lost as string)
  const objects = order.map((kind, i) => put(dice, { kind }, (first + i) as Column))
  const anchor = objects[at + step] as SceneObject
  return {
    objects,
    solution: [{ op: 'remove', target: mentionOf(objects[at] as SceneObject) }],
    slots: { a: anchor.kind, side },
    because: `What stands directly ${side} of the ${anchor.kind} is the ${lost}; it is gone and its place is free.`,
    combinations: combinationsOf('neighbour', [lost as string]),
  }
})

export const flee = spatial('flee', wording.flee, (dice, part) => {
  const [[mover], [feared, ...others]] = cast(dice, 'flee', part, 1, dice.integer(2, 3))
  const toRight = dice.chance(0.5)
  const flip = (column: number): Column => (toRight ? column : 4 - column) as Column
  // Seen with the free end on the right: the feared thing stands in one of the two left columns.
  const fearedAt = dice.integer(0, 1)
  const rest = dice.shuffle([0, 1, 2, 3].filter((column) => column !== fearedAt))
  const row = dice.pick(['back', 'front'] as const)
  const objects = [
    put(dice, { kind: mover as string }, flip(rest[0] as number), row),
    put(dice, { kind: feared as string }, flip(fearedAt)),
    ...others.map((kind, i) => put(dice, { kind }, flip(rest[i + 1] as number))),
  ].toSorted((a, b) => a.column - b.column)
  const end = flip(4)
  return {
    objects,
    solution: [{ op: 'move', target: { kind: mover as string }, to: { column: end } }],
    slots: { a: mover as string, b: feared as string },
    because: `The free end of the table that is farthest from the ${feared} is the ${COLUMN_NAMES[end]}.`,
    combinations: combinationsOf('flee', [mover as string]),
  }
})

export const lineUp = spatial('line-up', wording.lineUp, (dice, part): Task => {
  const [mixed, [third]] = cast(dice, 'line-up', part, 2, 1)
  const places = columns(dice, 3)
  const row = dice.pick(['back', 'front'] as const)
  // One swap away from small, medium, large: the two mixed-up places, the other one keeps its thing.
  const right = dice.integer(0, 2)
  const wrong = [0, 1, 2].filter((i) => i !== right) as [number, number]
  const order: { kind: string; size: Size }[] = []
  order[right] = { kind: third as string, size: SIZE_NAMES[right] as Size }
  order[wrong[0]] = { kind: mixed[0] as string, size: SIZE_NAMES[wrong[1]] as Size }
  order[wrong[1]] = { kind: mixed[1] as string, size: SIZE_NAMES[wrong[0]] as Size }
  const objects = order.map(({ kind, size }, i) => put(dice, { kind }, places[i] as Column, row, size))
  return {
    objects,
    solution: [swap(objects[wrong[0]] as SceneObject, objects[wrong[1]] as SceneObject)],
    slots: {},
    because: 'From left to right the row grows from small to large; one exchange sets it right.',
    combinations: combinationsOf('line-up', mixed),
  }
})
