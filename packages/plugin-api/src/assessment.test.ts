import { expect, test } from 'vitest'
import { assess, counts, isSolved, itemsOf, passed } from './assessment.ts'
import type { Outcome } from './rollout.ts'
import type { ChecklistItem } from './sample.ts'
import type { Verdict } from './verdict.ts'

const plan: ChecklistItem = { id: 'plan', scope: 'cognitive', question: 'Does it say so?', expected: 'yes' }
const picture: ChecklistItem = { id: 'picture', scope: 'visual', question: 'Is it still red?', expected: 'no' }
const checklist = [plan, picture]
const verdict = (itemId: string, answer: Verdict['answer']): Verdict => ({ itemId, answer, judge: 'test' })
const scored: Outcome = { kind: 'scored' }
const gated: Outcome = { kind: 'gated', reason: 'critical item' }
const masked: Outcome = {
  kind: 'masked',
  failure: { kind: 'timeout', stage: 'edit', code: 'DDA_DEADLINE_EDIT', message: 'too late' },
}

test('an item passes by the answer that it expects; unsure passes none, and what was not asked neither', () => {
  expect((['yes', 'no', 'unsure'] as const).map((answer) => passed(plan, verdict('plan', answer)))).toEqual([
    true,
    false,
    false,
  ])
  expect((['yes', 'no', 'unsure'] as const).map((answer) => passed(picture, verdict('picture', answer)))).toEqual([
    false,
    true,
    false,
  ])
  expect(passed(plan, undefined)).toBeUndefined()
})

test('every item is assessed in its place, also those that nobody was asked', () => {
  const assessed = assess(checklist, [verdict('other', 'yes'), verdict('plan', 'yes'), verdict('plan', 'no')])
  expect(assessed.map(({ item, passed }) => [item.id, passed])).toEqual([
    ['plan', true],
    ['picture', undefined],
  ])
  expect(itemsOf(checklist, 'visual')).toEqual([picture])
})

test('scored and gated rollouts count, masked ones do not', () => {
  expect([scored, gated, masked].map(counts)).toEqual([true, true, false])
})

test('solved is a scored rollout of which every item was asked and passed', () => {
  const all = [verdict('plan', 'yes'), verdict('picture', 'no')]
  expect(isSolved({ outcome: scored, verdicts: all }, checklist)).toBe(true)
  expect(isSolved({ outcome: gated, verdicts: all }, checklist)).toBe(false)
  expect(isSolved({ outcome: masked, verdicts: all }, checklist)).toBe(false)
  expect(isSolved({ outcome: scored, verdicts: [verdict('plan', 'yes')] }, checklist)).toBe(false)
  expect(
    isSolved({ outcome: scored, verdicts: [verdict('plan', 'yes'), verdict('picture', 'unsure')] }, checklist),
  ).toBe(false)
  expect(isSolved({ outcome: scored, verdicts: [] }, [])).toBe(false)
})
