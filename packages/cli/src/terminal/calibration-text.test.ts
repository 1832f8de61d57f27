import type { Calibration } from '@dda-thinker/evaluation'
import { expect, test } from 'vitest'
import { comparedText } from './calibration-text.ts'

const rate = (value: number) => ({ count: 20, value, low: value, high: value })
const found = (raw: number): Calibration => ({
  count: 20,
  bothPass: 10,
  bothFail: 10,
  judgeOnly: 0,
  humanOnly: 0,
  raw: rate(raw),
  sensitivity: rate(raw),
  specificity: rate(raw),
  unanswered: 0,
})

test('judges that share the questions are told each by itself, one alone is not told twice', () => {
  const before = { ...found(0.5), judges: [{ judge: 'one', ...found(0.5) }] }
  const after = {
    ...found(0.75),
    judges: [
      { judge: 'one', ...found(0.5) },
      { judge: 'two', ...found(1) },
    ],
  }
  expect(comparedText({ questions: 20, of: 20, before, after, gained: 5, lost: 0, least: 10 }).split('\n')).toEqual([
    'Calibration, 20 of 20 questions:',
    '  before: agrees with people on 50 % (50–50) of 20 answers, kappa not measured',
    '    passes found 50 % (50–50), fails found 50 % (50–50)',
    '  now: agrees with people on 75 % (75–75) of 20 answers, kappa not measured',
    '    passes found 75 % (75–75), fails found 75 % (75–75)',
    '    one agrees with people on 50 % (50–50) of 20 answers, kappa not measured',
    '      passes found 50 % (50–50), fails found 50 % (50–50)',
    '    two agrees with people on 100 % (100–100) of 20 answers, kappa not measured',
    '      passes found 100 % (100–100), fails found 100 % (100–100)',
    '  answers that people give: 5 gained, 0 lost',
  ])
})
