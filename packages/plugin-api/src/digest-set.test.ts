import { expect, test } from 'vitest'
import { DigestSet } from './digest-set.ts'

test('tells what it has seen from what it has not, also after it has grown', () => {
  const seen = new DigestSet()
  for (let n = 0; n < 5000; n += 1) expect(seen.add(`text ${n}`)).toBe(true)
  for (let n = 0; n < 5000; n += 1) expect(seen.add(`text ${n}`)).toBe(false)
  expect(seen.size).toBe(5000)
  expect(seen.has('text 4999')).toBe(true)
  expect(seen.has('text 5000')).toBe(false)
  expect(seen.size).toBe(5000)
})
