import { expect, test } from 'vitest'
import { agreement } from './agreement.ts'

/** As many pairs of each kind. */
function pairs(bothPass: number, judgeOnly: number, humanOnly: number, bothFail: number) {
  const of = (count: number, human: boolean, judge: boolean) => Array.from({ length: count }, () => ({ human, judge }))
  return [
    ...of(bothPass, true, true),
    ...of(judgeOnly, false, true),
    ...of(humanOnly, true, false),
    ...of(bothFail, false, false),
  ]
}

test("kappa of Cohen's textbook table", () => {
  // 20 both yes, 5 and 10 apart, 15 both no: observed 0.7, by chance 0.5, kappa 0.4.
  const found = agreement(pairs(20, 10, 5, 15))
  expect(found).toMatchObject({ count: 50, bothPass: 20, judgeOnly: 10, humanOnly: 5, bothFail: 15 })
  expect(found.raw.value).toBeCloseTo(0.7, 12)
  expect(found.kappa).toBeCloseTo(0.4, 12)
  // Fleiss, Cohen and Everitt: (0.10972 + 0.10188 - 0.01) / (0.25 * 50) = 0.016128, of which the root is 0.126996.
  expect(found.kappaInterval?.low).toBeCloseTo(0.4 - 1.959964 * 0.126996, 5)
  expect(found.kappaInterval?.high).toBeCloseTo(0.4 + 1.959964 * 0.126996, 5)
  expect(found.sensitivity).toMatchObject({ count: 25, value: 0.8 })
  expect(found.specificity).toMatchObject({ count: 25, value: 0.6 })
  // Wilson at 95 %, 20 of 25.
  expect(found.sensitivity.low).toBeCloseTo(0.6087, 4)
  expect(found.sensitivity.high).toBeCloseTo(0.9114, 4)
})

test('perfect, opposite and chance', () => {
  expect(agreement(pairs(7, 0, 0, 3)).kappa).toBe(1)
  // Its large-sample error is 0 there, which would be an interval of nothing.
  expect(agreement(pairs(7, 0, 0, 3))).not.toHaveProperty('kappaInterval')
  expect(agreement(pairs(0, 5, 5, 0)).kappa).toBe(-1)
  expect(agreement(pairs(4, 4, 4, 4)).kappa).toBe(0)
})

test('what cannot be told is absent and no number', () => {
  expect(agreement([])).toMatchObject({ count: 0, raw: { count: 0 }, sensitivity: { count: 0 } })
  expect(agreement([])).not.toHaveProperty('kappa')
  const same = agreement(pairs(9, 0, 0, 0))
  expect(same).not.toHaveProperty('kappa')
  expect(same.raw.value).toBe(1)
  expect(same.specificity).toEqual({ count: 0 })
})
