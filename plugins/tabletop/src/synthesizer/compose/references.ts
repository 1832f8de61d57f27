import {
  CATEGORY_PLURALS,
  COLUMN_NAMES,
  type Category,
  type SceneObject,
  kindOf,
  printMention,
} from '@dda-thinker/tabletop-world'
import type { Dice } from '../../rules/dice.ts'
import { SIZE_NAMES, mentionOf } from '../../rules/table.ts'

/** Category words that a person would use for a thing on a table. */
const SPOKEN: readonly Category[] = [
  ...([
    'fruit',
    'vegetable',
    'food',
    'animal',
    'plant',
    'flower',
    'tool',
    'dish',
    'toy',
    'vehicle',
    'garment',
  ] as const),
  ...(['device', 'treasure', 'number', 'symbol'] as const),
]

const ORDINALS = ['first', 'second', 'third', 'fourth']

/** The thing by its name, with its state or without. */
export function byName(dice: Dice, object: SceneObject): string {
  return printMention(dice.chance(0.7) ? mentionOf(object) : { kind: object.kind }, 'the')
}

/** The thing by something that takes a look at the table: its group, size, place or state; or by name. */
export function bySight(dice: Dice, object: SceneObject, objects: readonly SceneObject[]): string {
  const phrases = sights(object, objects)
  return phrases.length === 0 ? byName(dice, object) : dice.pick(phrases)
}

function sights(object: SceneObject, objects: readonly SceneObject[]): readonly string[] {
  const others = objects.filter((o) => o !== object)
  const phrases: string[] = []
  const category = categoryOf(object)
  if (SPOKEN.includes(category) && others.every((o) => categoryOf(o) !== category)) {
    phrases.push(`the ${category}`, `the ${category}`)
  }
  const size = sizeOf(object)
  if (others.every((o) => sizeOf(o) < size)) phrases.push('the biggest thing', 'the largest thing')
  if (others.every((o) => sizeOf(o) > size)) phrases.push('the smallest thing')
  if (others.every((o) => o.row !== object.row)) phrases.push(`the thing at the ${object.row}`)
  const { state } = object
  if (state !== undefined && others.every((o) => o.state !== state)) phrases.push(`the ${state} thing`)
  const index = indexOf(object, objects)
  phrases.push(`the ${index === objects.length - 1 ? 'last' : ORDINALS[index]} thing`)
  phrases.push(object.column === 2 ? 'the thing in the middle' : `the thing at the ${COLUMN_NAMES[object.column]}`)
  return phrases
}

/** Counting from the left, from 0. */
export function indexOf(object: SceneObject, objects: readonly SceneObject[]): number {
  return objects.filter((o) => o.column < object.column).length
}

export function ordinal(index: number, count: number): string {
  return index === count - 1 ? 'last' : (ORDINALS[index] ?? 'last')
}

function sizeOf(object: SceneObject): number {
  return SIZE_NAMES.indexOf(object.size)
}

export function categoryOf(object: SceneObject): Category {
  return kindOf(object.kind)?.category ?? 'thing'
}

/** The groups with two or more members on the table, with them. */
export function groupsOn(objects: readonly SceneObject[]): readonly (readonly [Category, readonly SceneObject[]])[] {
  return SPOKEN.flatMap((category): [Category, readonly SceneObject[]][] => {
    const members = objects.filter((o) => categoryOf(o) === category)
    return members.length < 2 ? [] : [[category, members]]
  })
}

export function everyOf(dice: Dice, category: Category, count: number): string {
  const forms = [`every ${category}`, `all the ${CATEGORY_PLURALS[category]}`, `all ${CATEGORY_PLURALS[category]}`]
  if (count === 2) forms.push(`both ${CATEGORY_PLURALS[category]}`)
  return dice.pick(forms)
}
