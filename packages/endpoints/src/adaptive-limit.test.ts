import { expect, test } from 'vitest'
import { AdaptiveLimit } from './adaptive-limit.ts'

function window(limit: AdaptiveLimit): number {
  for (let i = limit.current; i > 0; i--) limit.onSuccess(true)
  return limit.current
}

test('doubles each clean window until the first rate limit, then grows slowly', () => {
  const limit = new AdaptiveLimit({ max: 1000, start: 20 })
  expect([window(limit), window(limit), window(limit)]).toEqual([40, 80, 160])
  limit.onRateLimit(0)
  expect(limit.current).toBe(128)
  expect(window(limit)).toBe(134)
})

test('one episode of rate limits costs one decrease', () => {
  const limit = new AdaptiveLimit({ max: 100, start: 100 })
  for (const now of [0, 1, 14_999]) limit.onRateLimit(now)
  expect(limit.current).toBe(80)
  limit.onRateLimit(15_000)
  expect(limit.current).toBe(64)
})

test('stays within one and the maximum', () => {
  const limit = new AdaptiveLimit({ max: 3 })
  expect(limit.current).toBe(3)
  expect(window(limit)).toBe(3)
  for (let i = 0; i < 30; i++) limit.onRateLimit(i * 20_000)
  expect(limit.current).toBe(1)
  expect(window(limit)).toBe(2)
})

test('does not grow while it is not in full use', () => {
  const limit = new AdaptiveLimit({ max: 100, start: 5 })
  for (let i = 0; i < 100; i++) limit.onSuccess(false)
  expect(limit.current).toBe(5)
})
