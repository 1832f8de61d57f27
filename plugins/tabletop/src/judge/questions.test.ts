import { printPlan } from '@dda-thinker/tabletop-world'
import { expect, test } from 'vitest'
import {
  type PictureQuestion,
  type PlanQuestion,
  parsePictureQuestion,
  parsePlanQuestion,
  printQuestion,
} from './questions.ts'

const banana = { kind: 'banana' }
const cup = { kind: 'wine glass', state: 'cracked' }

const PLAN: readonly PlanQuestion[] = [
  { ask: 'edit', clause: { op: 'turn', target: banana, state: 'rotten' } },
  { ask: 'edit', clause: { op: 'replace', target: { kind: 'question mark' }, by: { kind: 'one' } } },
  { ask: 'edit', clause: { op: 'remove', target: cup } },
  { ask: 'edit', clause: { op: 'swap', target: cup, other: banana } },
  { ask: 'edit', clause: { op: 'move', target: cup, to: { column: 4 } } },
  { ask: 'edit', clause: { op: 'add', thing: { kind: 'grapes' }, at: { column: 2 } } },
  { ask: 'edit', clause: { op: 'resize', target: cup, size: 'small' } },
  { ask: 'spares', thing: cup },
  { ask: 'changes-only', things: [banana, cup, { kind: 'one' }] },
  { ask: 'edit-count', count: 1 },
  { ask: 'edit-count', count: 3 },
  { ask: 'adds-or-removes' },
  { ask: 'does-nothing' },
]

const PICTURE: readonly PictureQuestion[] = [
  { ask: 'there', thing: { kind: 'grapes', state: 'rotten' }, at: { column: 0 } },
  { ask: 'there', thing: { kind: 'one' }, at: { row: 'back', column: 2 } },
  { ask: 'visible', thing: { kind: 'banana', state: 'ordinary' } },
  { ask: 'unchanged', thing: cup },
  { ask: 'only-changed', things: [cup] },
  { ask: 'only-changed', things: [cup, banana] },
  { ask: 'all-kept' },
  { ask: 'free', at: { column: 3 } },
  { ask: 'thing-count', count: 5 },
  { ask: 'size', thing: cup, size: 'large' },
  { ask: 'same' },
]

test.each(PLAN)('a question about a plan is read as it was meant: %j', (question) => {
  expect(parsePlanQuestion(printQuestion(question))).toEqual(question)
})

test.each(PICTURE)('a question about a picture is read as it was meant: %j', (question) => {
  expect(parsePictureQuestion(printQuestion(question))).toEqual(question)
})

test('reads as people write: case, spaces, the example of the documentation', () => {
  expect(parsePlanQuestion('Does the plan turn the banana rotten?')).toEqual(PLAN[0])
  expect(parsePictureQuestion('  is the WINE GLASS large ? ')).toEqual({
    ask: 'size',
    thing: { kind: 'wine glass' },
    size: 'large',
  })
})

test.each(['Is the picture beautiful?', 'Does the plan please the cat?', 'Does the plan leave the moon alone?', ''])(
  'does not guess what is no such question: %s',
  (text) => {
    expect(parsePlanQuestion(text)).toBeUndefined()
    expect(parsePictureQuestion(text)).toBeUndefined()
  },
)

test('a question may not carry two edits', () => {
  const two = printPlan([
    { op: 'remove', target: banana },
    { op: 'remove', target: cup },
  ])
  expect(parsePlanQuestion(`Does the plan ${two}?`)).toBeUndefined()
})
