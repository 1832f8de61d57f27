import { expect, test } from 'vitest'
import { Dice } from '../dice.ts'
import { layoutOf } from '../split.ts'
import { FEWEST_EDITS, FORMS, MOST_EDITS, isHeldOut, makeComposed } from './forms.ts'
import { CAUSES, CAUSE_PAIRS, untouchedBy } from './pairs.ts'

const PER_FORM = 60

function tasksOf(index: number, part: 'train' | 'held-out') {
  const form = FORMS[index]
  if (form === undefined) throw new Error('no such form')
  const tasks = []
  for (let i = 0; tasks.length < PER_FORM && i < 60_000; i++) {
    const task = makeComposed(form, new Dice(`${form.id}/${part}/${i}`), part)
    if (task !== undefined) tasks.push(task)
  }
  expect(tasks).toHaveLength(PER_FORM)
  return tasks
}

test.each(FORMS.map(({ id }, i) => [id, i] as const))(
  '%s: as many rules and edits as it says, in both splits',
  (_id, i) => {
    const form = FORMS[i]
    for (const part of ['train', 'held-out'] as const) {
      for (const { rules, solution, objects, combinations } of tasksOf(i, part)) {
        expect(rules).toHaveLength((form?.causes ?? 0) + (form?.places === undefined ? 0 : 1))
        expect(rules.length).toBeGreaterThanOrEqual(2)
        expect(solution.length).toBeGreaterThanOrEqual(FEWEST_EDITS)
        expect(solution.length).toBeLessThanOrEqual(MOST_EDITS)
        expect(new Set(objects.map(({ kind }) => kind)).size).toBe(objects.length)
        expect(combinations.some((one) => isHeldOut(one, rules))).toBe(part === 'held-out')
      }
    }
  },
)

test('every cause stands in a form, and pairs are of causes that leave each other alone', () => {
  expect(CAUSE_PAIRS.length).toBeGreaterThanOrEqual(6)
  const single = tasksOf(1, 'train').flatMap(({ rules }) => rules.map(({ id }) => id))
  expect(single).toEqual(expect.arrayContaining(CAUSES.map(({ id }) => id)))
  for (const { rules, solution } of tasksOf(0, 'train')) {
    const causes = CAUSES.filter((cause) => rules.includes(cause))
    for (const clause of solution) {
      if (clause.op !== 'turn') continue
      // Exactly one of the two may change a thing: the other one is sure to leave it.
      const spared = causes.filter(({ change }) => untouchedBy(change).has(clause.target.kind))
      expect(spared).toHaveLength(1)
    }
  }
})

test('three things change by one cause and long plans do occur', () => {
  const lengths = [0, 1, 2, 3, 4].flatMap((i) => tasksOf(i, 'train').map(({ solution }) => solution.length))
  expect(new Set(lengths)).toEqual(new Set([3, 4, 5, 6]))
})

test('the same dice make the same task', () => {
  const make = () => makeComposed(FORMS[4] as (typeof FORMS)[number], new Dice('again'), 'any')
  expect(make()).toEqual(make())
  const scenes = tasksOf(2, 'train').map(({ objects }) => layoutOf(objects))
  expect(new Set(scenes).size).toBe(PER_FORM)
})
