import type { Plan } from '@dda-thinker/plugin-api'
import { makeItem, makePlan, makeVerdicts } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { clauseFinder } from './clause-credit.ts'
import { dualAtomic } from './dual-atomic.ts'

/** The clause that a question is credited to, as text. */
function clauseOf(plan: Plan, question: string): string | undefined {
  const end = clauseFinder(plan)(question)
  if (end === undefined) return undefined
  const start = plan.text.length - plan.executable.length
  const before = plan.text.slice(start, end)
  return before
    .split(/(?<=[;.,\n])(?!\d)/u)
    .at(-1)
    ?.trim()
}

const plan = makePlan('The banana goes off. Plan: turn the banana rotten; move the red cups left; remove the candle')

test.each([
  ['Does the plan make the banana rotten?', 'turn the banana rotten;'],
  ['Is the red cup moved to the left?', 'move the red cups left;'],
  ['Has the candle been removed?', 'remove the candle'],
  ['Are there still three apples?', undefined],
  ['Is it the one with the most of them?', undefined],
])('%s', (question, clause) => {
  expect(clauseOf(plan, question)).toBe(clause)
})

test('equal counts go to the later clause', () => {
  expect(clauseOf(plan, 'Are banana and candle both changed?')).toBe('remove the candle')
})

test('numbers with a point or a comma are not cut', () => {
  const sized = makePlan('Plan: scale the cup by 2.5 times, then move 1,000 pixels')
  expect(clauseOf(sized, 'Is the cup scaled?')).toBe('scale the cup by 2.5 times,')
  expect(clauseOf(sized, 'How many pixels?')).toBe('then move 1,000 pixels')
})

test('offsets are of the whole text, in the executable part, even if the reasoning says the same', () => {
  const end = clauseFinder(plan)('Is the banana rotten?') as number
  expect(plan.text.slice(0, end)).toMatch(/Plan: turn the banana rotten;$/)
})

test('an empty plan has no clauses', () => {
  expect(clauseFinder(makePlan('Plan:'))('Is the banana rotten?')).toBeUndefined()
})

test('credit moves contributions along the plan and leaves the total alone', () => {
  const checklist = [
    makeItem('rotten', 'visual', { question: 'Is the banana rotten?' }),
    makeItem('kept', 'visual', { question: 'Are there still three apples?' }),
  ]
  const rollout = { plan, checklist, verdicts: makeVerdicts(checklist) }
  const [terminal, clause] = [dualAtomic(), dualAtomic({ credit: 'clause' })].map((reward) => reward.decompose(rollout))
  expect(clause?.total).toBe(terminal?.total)
  expect(terminal?.items.map(({ creditAt }) => creditAt)).toEqual([undefined, undefined])
  expect(clause?.items.map(({ creditAt }) => creditAt)).toEqual([plan.text.indexOf(';') + 1, undefined])
})
