import { expect, test } from 'vitest'
import { DigestSet } from './digest-set.ts'
import { mulberry32 } from './random.ts'

test('tells what it has seen from what it has not, also after it has grown', () => {
  const seen = new DigestSet()
  for (let n = 0; n < 5000; n += 1) expect(seen.add(`text ${n}`)).toBe(true)
  for (let n = 0; n < 5000; n += 1) expect(seen.add(`text ${n}`)).toBe(false)
  expect(seen.size).toBe(5000)
  expect(seen.has('text 4999')).toBe(true)
  expect(seen.has('text 5000')).toBe(false)
  expect(seen.size).toBe(5000)
})

test('takes texts out again, whatever lay beside them', () => {
  const [seen, truth] = [new DigestSet(), new Set<string>()]
  const random = mulberry32(3)
  for (let n = 0; n < 40_000; n += 1) {
    const text = `text ${Math.floor(random() * 1500)}`
    if (random() < 0.5) expect(seen.add(text)).toBe(!truth.has(text) && truth.add(text).has(text))
    else expect(seen.delete(text)).toBe(truth.delete(text))
  }
  expect(seen.size).toBe(truth.size)
  for (let n = 0; n < 1500; n += 1) expect(seen.has(`text ${n}`)).toBe(truth.has(`text ${n}`))
})
