import {
  type Clause,
  type Category,
  type Column,
  type Kind,
  KINDS,
  MAX_OFFSET,
  type Mention,
  type Row,
  type SceneObject,
  type Size,
} from '@dda-thinker/tabletop-world'
import type { Dice } from './dice.ts'

const ROW_NAMES: readonly Row[] = ['back', 'front']
export const SIZE_NAMES: readonly Size[] = ['small', 'medium', 'large']
export const ALL_COLUMNS: readonly Column[] = [0, 1, 2, 3, 4]

/** What a thing is before it has a place. */
export interface Thing {
  readonly kind: string
  readonly state?: string
}

/** Puts a thing down, with jitter; row and size at random unless given. */
export function put(dice: Dice, thing: Thing, column: Column, row?: Row, size?: Size): SceneObject {
  return {
    kind: thing.kind,
    ...(thing.state === undefined ? {} : { state: thing.state }),
    column,
    row: row ?? dice.pick(ROW_NAMES),
    size: size ?? dice.pick(SIZE_NAMES),
    dx: dice.integer(-MAX_OFFSET, MAX_OFFSET),
    dy: dice.integer(-MAX_OFFSET, MAX_OFFSET),
  }
}

/** Puts things into different columns at random, in random order; result from left to right. */
export function scatter(dice: Dice, things: readonly Thing[]): SceneObject[] {
  const columns = dice.sample(ALL_COLUMNS, things.length).toSorted((a, b) => a - b)
  return dice.shuffle(things).map((thing, i) => put(dice, thing, columns[i] as Column))
}

export function mentionOf(thing: Thing): Mention {
  return thing.state === undefined ? { kind: thing.kind } : { kind: thing.kind, state: thing.state }
}

export function namesOf(kinds: readonly Kind[]): readonly string[] {
  return kinds.map((kind) => kind.name)
}

/** Results of other things, too shapeless to be named as anybody's belonging. */
const LEFTOVERS: ReadonlySet<string> = new Set(['puddle', 'shards', 'ash'])

const CARDS: readonly Category[] = ['number', 'symbol']

/** Kinds that stand on a table as themselves: no cards, no leftovers. */
export const ORDINARY_KINDS: readonly Kind[] = KINDS.filter(
  (kind) => !CARDS.includes(kind.category) && !LEFTOVERS.has(kind.name),
)

/** Number cards, `one` to `nine`. */
export function swap(a: Thing, b: Thing): Clause {
  return { op: 'swap', target: mentionOf(a), other: mentionOf(b) }
}

/** Stands where a number is asked for. */
export const QUESTION_MARK = 'question mark'

export const NUMBERS: readonly string[] = namesOf(KINDS.filter((kind) => kind.category === 'number'))

/** Card with a number from 1 to 9. */
export function numberCard(value: number): string {
  const name = NUMBERS[value - 1]
  if (name === undefined) throw new RangeError(`no card shows ${value}`)
  return name
}
