import { expect, test } from 'vitest'
import { CounterRandom, samplingUniform } from './random.ts'

test('uniform numbers are uniform, exact in float32 and depend on seed and index', () => {
  const draws = Array.from({ length: 20_000 }, (_, i) => samplingUniform(Math.floor(i / 40), i % 40))
  const mean = draws.reduce((a, b) => a + b, 0) / draws.length
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.01)
  expect(draws.every((u) => u >= 0 && u < 1 && Math.fround(u) === u)).toBe(true)
  const deciles = Array.from({ length: 10 }, (_, d) => draws.filter((u) => Math.floor(u * 10) === d).length)
  expect(Math.min(...deciles)).toBeGreaterThan(1850)
  expect(new Set(draws).size).toBeGreaterThan(19_900)
})

test('seeds beyond 32 bits differ', () => {
  expect(samplingUniform(5, 0)).not.toBe(samplingUniform(5 + 2 ** 32, 0))
})

test('a stream continues from its position', () => {
  const whole = new CounterRandom(3, 'shuffle')
  const first = whole.permutation(10)
  expect(first.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  const resumed = new CounterRandom(3, 'shuffle', whole.position)
  expect(resumed.permutation(10)).toEqual(whole.permutation(10))
  expect(new CounterRandom(3, 'other').permutation(10)).not.toEqual(first)
})

test('normal numbers are normal', () => {
  const random = new CounterRandom(1, 'normal')
  const draws = Array.from({ length: 10_000 }, () => random.normal())
  const mean = draws.reduce((a, b) => a + b, 0) / draws.length
  const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length
  expect(Math.abs(mean)).toBeLessThan(0.03)
  expect(Math.abs(variance - 1)).toBeLessThan(0.05)
})
