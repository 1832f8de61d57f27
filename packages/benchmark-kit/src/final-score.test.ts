import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { officialFinalScore, strictFinalScore } from './index.ts'

/** What `extract` of RISEBench 5f22651 gave for each text under Python 3.11, recorded on 2026-11-28. */
const recorded = JSON.parse(
  readFileSync(new URL('final-score.fixture.json', import.meta.url), 'utf8'),
) as readonly (readonly [string, readonly number[] | null])[]

const numbersOf = (reading: ReturnType<typeof officialFinalScore>) => ('numbers' in reading ? reading.numbers : null)

test.each(recorded)('reads %j as the official script does', (text, numbers) => {
  expect(numbersOf(officialFinalScore(text))).toEqual(numbers)
})

test('strict never reads what official does not, nor anything else', () => {
  for (const [text, numbers] of recorded) {
    const strict = numbersOf(strictFinalScore(text, [1, 5]))
    if (strict !== null) expect(strict, text).toEqual(numbers)
  }
})

test.each([
  ['Final Score: 4', 4],
  ['**Final Score:** **4**', 4],
  ['Final Score: 4/5', 4],
  ['Final Score: 4 out of 5.', 4],
  ['Final Scores: 5', 5],
  ['Final Score:\n4\nThank you.', 4],
  ['Final Score: 2, as I said. So: **Final Score:** 2', 2],
])('strict reads %j', (text, value) => {
  expect(strictFinalScore(text, [1, 5])).toEqual({ numbers: [value] })
})

test.each([
  ['Final Score: 4.5', /decimal/],
  ['Final Score: 4,5', /several/],
  ['Final Score: 4, 5', /several/],
  ['Final Score: 1-5', /range/],
  ['Final Score: 3 to 4', /range/],
  ['Final Score: 4/10', /fraction of 10/],
  ['Final Score: 4%', /percentage/],
  ['The Final Score: 5 means perfect. Final Score: 2', /two scores/],
  ['Final Score: 0', /outside/],
  ['Final Score: 10', /outside/],
  ['Final Score (1-5): 4', /no number/],
  ['Failed to obtain answer via API. ', /no number/],
])('strict refuses %j', (text, why) => {
  expect(strictFinalScore(text, [1, 5])).toEqual({ why: expect.stringMatching(why) as string })
})

test('strict knows the scale of logical items', () => {
  expect(strictFinalScore('Final Score: 0', [0, 1])).toEqual({ numbers: [0] })
  expect(strictFinalScore('Final Score: 5', [0, 1])).toEqual({ why: '5 is outside 0 to 1' })
})
