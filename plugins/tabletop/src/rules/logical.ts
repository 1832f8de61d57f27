import type { Category, Clause, Column, SceneObject } from '@dda-thinker/tabletop-world'
import { CATEGORY_PLURALS, COLUMN_NAMES, kindsOf } from '@dda-thinker/tabletop-world'
import * as wording from '../instructions/logical.ts'
import { combinationsFor, heldOutOf } from './split.ts'
import type { SubTask, Task } from './sub-task.ts'
import { NUMBERS, ORDINARY_KINDS, QUESTION_MARK, mentionOf, namesOf, numberCard, put, scatter } from './table.ts'

const KIND_NAMES = namesOf(ORDINARY_KINDS)

/** Groups that a person tells apart at a glance. */
export const GROUPS: readonly Category[] = [
  'fruit',
  'vegetable',
  'animal',
  'flower',
  'tool',
  'dish',
  'garment',
  'vehicle',
]

const membersOf = (group: Category): readonly string[] => namesOf(kindsOf(group))

const MEMBERS: readonly string[] = GROUPS.flatMap(membersOf)

/** A banana among vegetables is no odd one out to everybody. */
const ALIKE: readonly (readonly Category[])[] = [
  ['fruit', 'vegetable'],
  ['tool', 'dish'],
]

function groupOf(kind: string): Category | undefined {
  return GROUPS.find((group) => membersOf(group).includes(kind))
}

function clearlyUnlike(group: Category, other: Category): boolean {
  return group !== other && !ALIKE.some((pair) => pair.includes(group) && pair.includes(other))
}

export const oddOneOut: SubTask = {
  id: 'odd-one-out',
  category: 'logical',
  wording: wording.oddOneOut,
  combinations: { 'odd-one-out': [...MEMBERS, ...NUMBERS] },
  make(dice, part): Task {
    const odd = dice.pick(combinationsFor('odd-one-out', [...MEMBERS, ...NUMBERS], part))
    const oddGroup = groupOf(odd)
    const group = dice.pick(GROUPS.filter((g) => oddGroup === undefined || clearlyUnlike(oddGroup, g)))
    // Number cards among themselves are a group too, so that a card on the table does not give the sub-task away.
    const cards = oddGroup !== undefined && dice.chance(0.15)
    const others = dice.sample(cards ? NUMBERS : membersOf(group), 3)
    return {
      objects: scatter(
        dice,
        [odd, ...others].map((kind) => ({ kind })),
      ),
      solution: [{ op: 'remove', target: { kind: odd } }],
      slots: {},
      because: `All are ${CATEGORY_PLURALS[cards ? 'number' : group]} but the ${odd}, so the ${odd} is taken away.`,
      combinations: [`odd-one-out: ${odd}`],
    }
  },
}

export const pattern: SubTask = {
  id: 'pattern',
  category: 'logical',
  wording: wording.pattern,
  combinations: { pattern: KIND_NAMES },
  make(dice, part): Task {
    const [a, b] = dice.sample(combinationsFor('pattern', KIND_NAMES, part), 2) as [string, string]
    const freeOnRight = dice.chance(0.5)
    const end: Column = freeOnRight ? 4 : 0
    const size = dice.pick(['medium', 'large'] as const)
    const objects = [a, b, a, b].map((kind, i) =>
      put(dice, { kind }, (freeOnRight ? i : i + 1) as Column, 'front', size),
    )
    const missing = freeOnRight ? a : b
    return {
      objects,
      solution: [{ op: 'add', thing: { kind: missing }, at: { column: end } }],
      slots: {},
      because: `The row alternates between the ${a} and the ${b}, so the ${missing} belongs at the ${COLUMN_NAMES[end]}.`,
      combinations: [`pattern: ${a}`, `pattern: ${b}`],
    }
  },
}

const SUMMANDS = [1, 2, 3, 4, 5]
const HIGHEST_SUM = 7

const PAIRS: readonly string[] = SUMMANDS.flatMap((a) =>
  SUMMANDS.filter((b) => a + b <= HIGHEST_SUM).map((b) => `${a}+${b}`),
)

/**
 * Addition generalises over the order of the summands: of some pairs the order with the larger number first is held out,
 * and the other order is in training. The remaining pairs are facts, and occur in training only.
 */
const LARGER_FIRST: readonly string[] = PAIRS.filter((pair) => Number(pair[0]) > Number(pair[2]))

const answer = (value: number): Clause => ({
  op: 'replace',
  target: { kind: QUESTION_MARK },
  by: { kind: numberCard(value) },
})

export const sum: SubTask = {
  id: 'sum',
  category: 'logical',
  wording: wording.sum,
  combinations: { sum: LARGER_FIRST },
  make(dice, part): Task {
    const heldOut = part === 'any' ? new Set<string>() : heldOutOf('sum', LARGER_FIRST)
    const pair = dice.pick(part === 'held-out' ? [...heldOut] : PAIRS.filter((p) => !heldOut.has(p)))
    const [a, b] = pair.split('+').map(Number) as [number, number]
    const extra = dice.chance(0.4) ? [dice.pick(MEMBERS)] : []
    const count = 3 + extra.length
    const first = dice.integer(0, 5 - count)
    const order = [numberCard(a), numberCard(b), QUESTION_MARK]
    // A thing that has nothing to do with it stands at either end, or not at all.
    const row = dice.chance(0.5) ? [...extra, ...order] : [...order, ...extra]
    return {
      objects: row.map((kind, i) => put(dice, { kind }, (first + i) as Column)),
      solution: [answer(a + b)],
      slots: {},
      because: `The sum of ${numberCard(a)} and ${numberCard(b)} is ${numberCard(a + b)}.`,
      combinations: LARGER_FIRST.includes(pair) ? [`sum: ${pair}`] : [],
    }
  },
}

export const count: SubTask = {
  id: 'count',
  category: 'logical',
  wording: wording.count,
  combinations: { count: MEMBERS },
  make(dice, part): Task | undefined {
    const group = dice.pick(GROUPS)
    const many = dice.integer(1, 3)
    const members = combinationsFor('count', MEMBERS, part).filter((kind) => groupOf(kind) === group)
    if (members.length === 0) return undefined
    // At least one of those counted is of the part's share; a group's share alone may be too small for the rest.
    const pool = part === 'held-out' ? membersOf(group) : members
    const first = dice.pick(members)
    const counted = [
      first,
      ...dice.sample(
        pool.filter((kind) => kind !== first),
        many - 1,
      ),
    ]
    if (counted.length < many) return undefined
    const others = MEMBERS.filter((kind) => groupOf(kind) !== group)
    const rest: string[] = dice.sample(others, Math.max(0, dice.integer(2, 4) - many))
    // Sometimes a number card stands about, as in a sum.
    if (rest.length + many < 4 && dice.chance(0.4)) rest.push(dice.pick(NUMBERS.filter((n) => n !== numberCard(many))))
    if (rest.length + many < 2) return undefined
    const objects = scatter(
      dice,
      [...counted, ...rest, QUESTION_MARK].map((kind) => ({ kind })),
    )
    return {
      objects,
      solution: [answer(many)],
      slots: { category: CATEGORY_PLURALS[group] },
      because: `There ${many === 1 ? 'is one thing' : `are ${numberCard(many)} things`} among the ${CATEGORY_PLURALS[group]}.`,
      combinations: counted.map((kind) => `count: ${kind}`),
    }
  },
}

/** Three different numbers, without their order. */
const TRIPLES: readonly string[] = triples(6)

function triples(highest: number): string[] {
  const result: string[] = []
  for (let a = 1; a <= highest; a++) {
    for (let b = a + 1; b <= highest; b++) for (let c = b + 1; c <= highest; c++) result.push(`${a} ${b} ${c}`)
  }
  return result
}

export const numberOrder: SubTask = {
  id: 'number-order',
  category: 'logical',
  wording: wording.numberOrder,
  combinations: { 'number-order': TRIPLES },
  make(dice, part): Task {
    const triple = dice.pick(combinationsFor('number-order', TRIPLES, part))
    const sorted = triple.split(' ').map(Number)
    const [i, j] = dice.sample([0, 1, 2], 2).toSorted((a, b) => a - b) as [number, number]
    const mixed = [...sorted]
    mixed[i] = sorted[j] as number
    mixed[j] = sorted[i] as number
    const extra = dice.chance(0.3) ? [dice.pick(MEMBERS)] : []
    const first = dice.integer(0, 2 - extra.length)
    const cards = mixed.map(numberCard)
    const order = dice.chance(0.5) ? [...extra, ...cards] : [...cards, ...extra]
    const objects: SceneObject[] = order.map((kind, k) => put(dice, { kind }, (first + k) as Column))
    const at = (kind: string): SceneObject => objects.find((o) => o.kind === kind) as SceneObject
    return {
      objects,
      solution: [
        {
          op: 'swap',
          target: mentionOf(at(numberCard(mixed[i]))),
          other: mentionOf(at(numberCard(mixed[j]))),
        },
      ],
      slots: {},
      because: `In rising order the cards read ${sorted.map(numberCard).join(', ')}; one exchange does it.`,
      combinations: [`number-order: ${triple}`],
    }
  },
}
