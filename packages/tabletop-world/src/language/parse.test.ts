import { expect, test } from 'vitest'
import { KINDS } from '../world/catalogue.ts'
import { STATES } from '../world/states.ts'
import type { Clause } from './clause.ts'
import { parsePlan } from './parse.ts'
import { printClause, printPlan } from './print.ts'
import { planWords, printMention, printPlace } from './words.ts'

const EXAMPLES: readonly (readonly [string, Clause])[] = [
  ['turn the banana rotten', { op: 'turn', target: { kind: 'banana' }, state: 'rotten' }],
  ['turn the rusty hammer ordinary', { op: 'turn', target: { kind: 'hammer', state: 'rusty' }, state: 'ordinary' }],
  ['replace the egg with a chick', { op: 'replace', target: { kind: 'egg' }, by: { kind: 'chick' } }],
  ['remove the rotten apple', { op: 'remove', target: { kind: 'apple', state: 'rotten' } }],
  ['swap the cup and the banana', { op: 'swap', target: { kind: 'cup' }, other: { kind: 'banana' } }],
  ['move the cup to the far right', { op: 'move', target: { kind: 'cup' }, to: { column: 4 } }],
  ['move the cup to the back far left', { op: 'move', target: { kind: 'cup' }, to: { column: 0, row: 'back' } }],
  ['move the ice cream to the back', { op: 'move', target: { kind: 'ice cream' }, to: { row: 'back' } }],
  ['add an apple at the middle', { op: 'add', thing: { kind: 'apple' }, at: { column: 2 } }],
  ['add some grapes at the front left', { op: 'add', thing: { kind: 'grapes' }, at: { column: 1, row: 'front' } }],
  ['add a rotten apple at the right', { op: 'add', thing: { kind: 'apple', state: 'rotten' }, at: { column: 3 } }],
  ['replace the question mark with a one', { op: 'replace', target: { kind: 'question mark' }, by: { kind: 'one' } }],
  ['make the cup small', { op: 'resize', target: { kind: 'cup' }, size: 'small' }],
]

test.each(EXAMPLES)('%s is read, and printed the same', (text, clause) => {
  expect(parsePlan(text)).toEqual({ clauses: [{ clause, start: 0, end: text.length }], unknown: [] })
  expect(printClause(clause)).toBe(text)
})

test('a plan of every kind and state survives printing and reading', () => {
  const clauses: Clause[] = KINDS.flatMap(({ name: kind }, i) => {
    const state = STATES[i % STATES.length]?.name ?? ''
    return [
      { op: 'replace', target: { kind, state }, by: { kind } },
      { op: 'turn', target: { kind }, state },
    ] satisfies Clause[]
  })
  expect(parsePlan(printPlan(clauses)).clauses.map((one) => one.clause)).toEqual(clauses)
})

test('wording is free in case, articles, separators and a few verbs', () => {
  const text =
    'First turn  Banana ROTTEN.\n- erase a cup, and then change the egg into the chick; then put the key to back'
  expect(parsePlan(text).unknown).toEqual([])
  expect(parsePlan(text).clauses.map(({ clause }) => printClause(clause))).toEqual([
    'turn the banana rotten',
    'remove the cup',
    'replace the egg with a chick',
    'move the key to the back',
  ])
})

test('offsets point at the clause in the text', () => {
  const text = '  remove the cup ;; do something; add an egg at the left.'
  const { clauses, unknown } = parsePlan(text)
  expect(clauses.map(({ start, end }) => text.slice(start, end))).toEqual(['remove the cup', 'add an egg at the left'])
  expect(unknown.map(({ start, end }) => text.slice(start, end))).toEqual(['do something'])
})

test.each([
  'show the table a month later',
  'remove the odd one out',
  'turn the banana purple',
  'turn the bananas rotten',
  'swap the leftmost thing and the cup',
  'move the cup to the far corner',
  'add an apple',
  'remove the cup that is left of the ball',
  'what is left of the cup?',
])('%s is no clause and nothing is guessed from it', (text) => {
  const { clauses, unknown } = parsePlan(text)
  expect(clauses).toEqual([])
  expect(unknown.map((piece) => piece.text)).toEqual([text])
})

test('an empty plan has neither clauses nor unknown pieces', () => {
  expect(parsePlan(' ;. 1) \n')).toEqual({ clauses: [], unknown: [] })
})

test('mentions and places are printed as people say them', () => {
  expect(printMention({ kind: 'egg' }, 'a')).toBe('an egg')
  expect(printMention({ kind: 'egg', state: 'cracked' }, 'a')).toBe('a cracked egg')
  expect(printMention({ kind: 'hammer', state: 'ordinary' }, 'a')).toBe('an ordinary hammer')
  expect(printMention({ kind: 'one' }, 'a')).toBe('a one')
  expect(printMention({ kind: 'scissors', state: 'rusty' }, 'a')).toBe('some rusty scissors')
  expect(printPlace({ column: 0, row: 'front' })).toBe('the front far left')
})

test('the vocabulary covers canonical plans', () => {
  const words = new Set(planWords())
  for (const [text] of EXAMPLES) for (const word of text.split(' ')) expect(words).toContain(word)
})
