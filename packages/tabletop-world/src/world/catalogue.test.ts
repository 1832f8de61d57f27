import { expect, test } from 'vitest'
import { CATEGORY_PLURALS, KINDS, kindOf, kindsOf, kindsWith } from './catalogue.ts'
import { STATES, canBe, kindsThatCanBe, stateOf, statesOf } from './states.ts'

test('there are enough kinds, each with a name of its own', () => {
  expect(KINDS.length).toBeGreaterThanOrEqual(70)
  expect(new Set(KINDS.map((kind) => kind.name)).size).toBe(KINDS.length)
  expect(new Set(KINDS.map((kind) => kind.icon)).size).toBe(KINDS.length)
  for (const { name } of KINDS) expect(name).toMatch(/^[a-z]+( [a-z]+)?$/)
})

test('no name can be mistaken for a state followed by a name', () => {
  const states = new Set(STATES.map((state) => state.name))
  for (const { name } of KINDS) expect(states).not.toContain(name.split(' ')[0])
})

test('every category has kinds and a plural', () => {
  for (const category of Object.keys(CATEGORY_PLURALS) as (keyof typeof CATEGORY_PLURALS)[]) {
    expect(kindsOf(category)).not.toEqual([])
  }
})

test('every state may befall several kinds, so that it can be met in a new one', () => {
  for (const state of STATES) expect(kindsThatCanBe(state).length, state.name).toBeGreaterThanOrEqual(5)
})

test('states go by tag', () => {
  const [banana, rotten, rusty] = [kindOf('banana'), stateOf('rotten'), stateOf('rusty')]
  if (banana === undefined || rotten === undefined || rusty === undefined) throw new Error('not in the catalogue')
  expect(canBe(banana, rotten)).toBe(true)
  expect(canBe(banana, rusty)).toBe(false)
  expect(statesOf(banana)).toContain(rotten)
  expect(kindsWith('perishable', 'edible')).toContain(banana)
  expect(kindOf('unicorn')).toBeUndefined()
})
