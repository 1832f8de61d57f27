import { expect, test } from 'vitest'
import { bootstrapMean, groupBy, mean, pairedDifference, wilson } from './interval.ts'
import { normalQuantile } from './normal-quantile.ts'
import { seededRandom } from './random.ts'

test('the normal quantile agrees with an independent implementation in all three regions', () => {
  // Python 3.11, statistics.NormalDist().inv_cdf
  expect(normalQuantile(0.975)).toBeCloseTo(1.9599639845400536, 13)
  expect(normalQuantile(0.9)).toBeCloseTo(1.2815515655446008, 13)
  expect(normalQuantile(0.5)).toBe(0)
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167813, 13)
  expect(normalQuantile(1e-12)).toBeCloseTo(-7.034483825301132, 12)
  expect(() => normalQuantile(1)).toThrow(RangeError)
})

test.each([
  [8, 10, 0.95, 0.49016247153664183, 0.9433178485456247],
  [0, 10, 0.95, 0, 0.27753279986288915],
  [10, 10, 0.95, 0.7224672001371109, 1],
  [1, 3, 0.95, 0.06149194472039632, 0.7923403991979523],
  [170, 200, 0.95, 0.7939442071583334, 0.89286406437758],
  [8, 10, 0.9, 0.5407928056874881, 0.9314420122624679],
])('Wilson interval of %i in %i at %d', (successes, count, confidence, low, high) => {
  const interval = wilson(successes, count, confidence)
  expect(interval.value).toBe(successes / count)
  expect(interval.low).toBeCloseTo(low, 13)
  expect(interval.high).toBeCloseTo(high, 13)
})

test('no observations give no interval, and impossible counts are refused', () => {
  expect(wilson(0, 0)).toEqual({ count: 0 })
  expect(bootstrapMean([])).toEqual({ count: 0 })
  expect(() => wilson(3, 2)).toThrow(RangeError)
  expect(() => wilson(0.5, 2)).toThrow(RangeError)
})

test('the bootstrap of ten ones and ten zeros has the quantiles of Binomial(20, 1/2) / 20', () => {
  const values = Array.from({ length: 20 }, (_, i) => i % 2)
  const interval = bootstrapMean(values, { seed: 7, resamples: 20_000 })
  expect(interval).toEqual({ count: 20, value: 0.5, low: 0.3, high: 0.7 })
})

test('the bootstrap repeats itself for a seed and differs between seeds', () => {
  const values = [0.1, 0.4, 0.45, 0.9, 1.3, 2.2, 2.25]
  expect(bootstrapMean(values, { seed: 3 })).toEqual(bootstrapMean(values, { seed: 3 }))
  expect(bootstrapMean(values, { seed: 3 })).not.toEqual(bootstrapMean(values, { seed: 4 }))
})

test('a wider level gives a wider interval', () => {
  const values = Array.from({ length: 50 }, (_, i) => Math.sin(i))
  const narrow = bootstrapMean(values, { confidence: 0.5 })
  const wide = bootstrapMean(values, { confidence: 0.99 })
  expect(wide.low).toBeLessThan(narrow.low as number)
  expect(wide.high).toBeGreaterThan(narrow.high as number)
})

test('a constant shift is found exactly, however much the pairs differ among themselves', () => {
  const a = Array.from({ length: 30 }, (_, i) => i * 8)
  const b = a.map((value) => value + 0.25)
  const difference = pairedDifference(a, b)
  expect(difference).toEqual({ count: 30, value: 0.25, low: 0.25, high: 0.25, better: 30, worse: 0, same: 0 })
})

test('a paired difference counts flips both ways and refuses unequal lengths', () => {
  const difference = pairedDifference([0, 0, 1, 1, 0], [1, 1, 0, 1, 0])
  expect(difference).toMatchObject({ count: 5, better: 2, worse: 1, same: 2 })
  expect(difference.value).toBeCloseTo(0.2, 12)
  expect(() => pairedDifference([1], [1, 2])).toThrow(RangeError)
})

test('groups keep every value, keys in order', () => {
  const groups = groupBy(['pear', 'fig', 'plum', 'date'], (word) => String(word.length))
  expect([...groups]).toEqual([
    ['3', ['fig']],
    ['4', ['pear', 'plum', 'date']],
  ])
})

test('the generator is uniform enough for resampling and depends on both halves of its seed', () => {
  const random = seededRandom(1)
  const draws = Array.from({ length: 20_000 }, random)
  expect(mean(draws)).toBeCloseTo(0.5, 2)
  const tenths = groupBy(draws, (draw) => String(Math.floor(draw * 10)))
  expect(tenths.size).toBe(10)
  for (const group of tenths.values()) expect(Math.abs(group.length - 2000)).toBeLessThan(200)
  expect(seededRandom(5)()).not.toBe(seededRandom(5 + 2 ** 32)())
  expect(seededRandom(5)()).toBe(seededRandom(5)())
})
