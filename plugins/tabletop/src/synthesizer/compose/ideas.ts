import {
  CATEGORY_PLURALS,
  type Category,
  type Clause,
  type Column,
  type Kind,
  ORDINARY,
  STATES,
  type SceneObject,
  kindOf,
  statesOf,
} from '@dda-thinker/tabletop-world'
import { EARLIER, GROWTH } from '../../rules/temporal.ts'
import { NUMBERS, QUESTION_MARK, SIZE_NAMES, mentionOf, swap } from '../../rules/table.ts'
import { categoryOf } from './references.ts'

/** What a plan sets out to do, in one or a few words, and what that comes to on one table. */
export interface Idea {
  readonly words: string
  readonly clauses: readonly Clause[]
  /** Things that count for it beside those that its clauses name. */
  readonly concerned?: readonly SceneObject[]
  /** What of the things decides, so it is listed with them. */
  readonly by?: 'size' | 'group'
}

const MOST_CLAUSES = 3

/** Changes of one kind into another, by the word for them. State words bring their own. */
const CHANGES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries({
    adult: [...GROWTH, ['egg', 'chick']],
    former: EARLIER,
    cooked: [
      ['corn', 'popcorn'],
      ['egg', 'fried egg'],
    ],
    melted: [['ice', 'puddle']],
    frozen: [['puddle', 'ice']],
  }).map(([word, pairs]) => [word, new Map(pairs as [string, string][])]),
)

const STATE_NAMES = STATES.map((state) => state.name)

/** Words for what can become of things, in the order in which an idea of several lists them. */
export const OUTCOMES: readonly string[] = [
  ...STATE_NAMES,
  ...STATE_NAMES.map((name) => `not ${name}`),
  'adult',
  'former',
  'cooked',
]

const OTHERS =
  'told,first last,opposites,rank things,rank cards,minority,alternate,total,tally,adjacent left,adjacent right,apart'

/** All words that ideas are put in, but for the names of things and categories; phrases whole. None is in an instruction. */
export const IDEA_WORDS: readonly string[] = [...OUTCOMES, ...OTHERS.split(',')]

/** What an outcome makes of a thing; `undefined` where it does nothing to it. */
export function outcomeOf(word: string, object: SceneObject): Clause | undefined {
  const target = mentionOf(object)
  if (word.startsWith('not ')) {
    return object.state === word.slice(4) ? { op: 'turn', target, state: ORDINARY } : undefined
  }
  if (object.state !== undefined) return undefined
  const kind = CHANGES.get(word)?.get(object.kind)
  if (kind !== undefined) return { op: 'replace', target, by: { kind } }
  const can = statesOf(kindOf(object.kind) as Kind).some((state) => state.name === word)
  return can ? { op: 'turn', target, state: word } : undefined
}

/**
 * Every thing that one of the outcomes can befall, from left to right.
 *
 * @param most edits that it may come to. Default 3
 */
export function outcomes(
  words: readonly string[],
  objects: readonly SceneObject[],
  most = MOST_CLAUSES,
): Idea | undefined {
  const clauses = objects.flatMap((object) => {
    const found = words.flatMap((word) => outcomeOf(word, object) ?? [])
    return found.slice(0, 1)
  })
  const results = clauses.flatMap((clause) => (clause.op === 'replace' ? [clause.by.kind] : []))
  const clash = results.some((kind, i) => results.indexOf(kind) !== i || objects.some((o) => o.kind === kind))
  return clash ? undefined : idea(words.join(' '), clauses, undefined, most)
}

/** The ideas that a look at the table suggests, whatever is asked; those of {@link outcomes} apart. */
export function suggestions(objects: readonly SceneObject[]): readonly Idea[] {
  const unique = new Set(objects.map((o) => o.kind)).size === objects.length
  // Plans name things by kind: where a kind stands twice, the things of other kinds can still be told apart.
  const makers = unique ? [firstLast, opposites, rankThings, rankCards, minority, total] : [alternate, total]
  return makers.flatMap((make) => make(objects) ?? [])
}

/** What stands on a side of a thing is removed. */
export function adjacent(side: 'left' | 'right', of: SceneObject, objects: readonly SceneObject[]): Idea | undefined {
  const lost = objects.find((o) => o.column === of.column + (side === 'left' ? -1 : 1))
  if (lost === undefined) return undefined
  return idea(`adjacent ${side} ${of.kind}`, [{ op: 'remove', target: mentionOf(lost) }], [of])
}

/** A thing goes to the end of the table that is farther from another. */
export function apart(mover: SceneObject, from: SceneObject, objects: readonly SceneObject[]): Idea | undefined {
  if (from.column === 2) return undefined
  const column: Column = from.column < 2 ? 4 : 0
  if (objects.some((o) => o.column === column)) return undefined
  const clause: Clause = { op: 'move', target: { kind: mover.kind }, to: { column } }
  return idea(`apart ${mover.kind} ${from.kind}`, [clause], [from])
}

/** The question mark becomes the number of a group's members. */
export function tally(category: Category, objects: readonly SceneObject[]): Idea | undefined {
  const members = objects.filter((o) => categoryOf(o) === category)
  return answer(`tally ${CATEGORY_PLURALS[category]}`, members.length, members, objects)
}

function idea(
  words: string,
  clauses: readonly Clause[],
  concerned?: readonly SceneObject[],
  most = MOST_CLAUSES,
): Idea | undefined {
  if (clauses.length === 0 || clauses.length > most) return undefined
  return { words, clauses, ...(concerned && { concerned }) }
}

/** The first and the last thing trade places. */
export function firstLast(objects: readonly SceneObject[]): Idea | undefined {
  const [first, last] = [objects[0], objects.at(-1)]
  return first === undefined || last === undefined || first === last
    ? undefined
    : idea('first last', [swap(first, last)])
}

/** Things trade places with those opposite them. */
export function opposites(objects: readonly SceneObject[]): Idea | undefined {
  const half = objects.slice(0, Math.floor(objects.length / 2))
  return idea(
    'opposites',
    half.map((object, i) => swap(object, objects[objects.length - 1 - i] as SceneObject)),
  )
}

/** One exchange brings three things into the order of their sizes. */
function rankThings(objects: readonly SceneObject[]): Idea | undefined {
  const exchange = exchangeOf(objects, (o) => SIZE_NAMES.indexOf(o.size))
  return exchange && { words: 'rank things', clauses: [exchange], by: 'size' }
}

function rankCards(objects: readonly SceneObject[]): Idea | undefined {
  const cards = objects.filter((o) => NUMBERS.includes(o.kind))
  const exchange = exchangeOf(cards, (o) => NUMBERS.indexOf(o.kind))
  return exchange && idea('rank cards', [exchange], cards)
}

function exchangeOf(three: readonly SceneObject[], rank: (object: SceneObject) => number): Clause | undefined {
  if (three.length !== 3 || new Set(three.map(rank)).size !== 3) return undefined
  const sorted = three.toSorted((a, b) => rank(a) - rank(b))
  const wrong = three.filter((object, i) => sorted[i] !== object)
  return wrong.length === 2 ? swap(wrong[0] as SceneObject, wrong[1] as SceneObject) : undefined
}

/** The one thing that is not of the group of all others. */
function minority(objects: readonly SceneObject[]): Idea | undefined {
  if (objects.length < 4) return undefined
  const odd = objects.filter((object) => {
    const others = objects.filter((o) => o !== object).map(categoryOf)
    return new Set(others).size === 1 && others[0] !== categoryOf(object)
  })
  if (odd.length !== 1) return undefined
  return { words: 'minority', clauses: [{ op: 'remove', target: mentionOf(odd[0] as SceneObject) }], by: 'group' }
}

/** Two things taking turns go on at the free end. */
function alternate(objects: readonly SceneObject[]): Idea | undefined {
  const kinds = objects.map((o) => o.kind)
  if (objects.length !== 4 || kinds[0] !== kinds[2] || kinds[1] !== kinds[3]) return undefined
  const onRight = objects[0]?.column === 0
  const kind = kinds[onRight ? 0 : 1] as string
  const clause: Clause = { op: 'add', thing: { kind }, at: { column: onRight ? 4 : 0 } }
  return idea(
    'alternate',
    [clause],
    objects.filter((o) => o.kind === kind),
  )
}

/** The question mark becomes what two number cards make. */
function total(objects: readonly SceneObject[]): Idea | undefined {
  const cards = objects.filter((o) => NUMBERS.includes(o.kind))
  if (cards.length !== 2) return undefined
  const value = cards.reduce((sum, o) => sum + NUMBERS.indexOf(o.kind) + 1, 0)
  return answer('total', value, cards, objects)
}

function answer(
  words: string,
  value: number,
  counted: readonly SceneObject[],
  objects: readonly SceneObject[],
): Idea | undefined {
  const kind = NUMBERS[value - 1]
  if (kind === undefined || objects.every((o) => o.kind !== QUESTION_MARK)) return undefined
  if (objects.some((o) => o.kind === kind)) return undefined
  return idea(words, [{ op: 'replace', target: { kind: QUESTION_MARK }, by: { kind } }], counted)
}
