import { expect, test } from 'vitest'
import { cosine, poolOutput } from './embed.ts'

test('an output of tokens becomes one vector: the class token, or the mean of all', () => {
  const tokens = [1, 2, 3, 4, 5, 6]
  expect(poolOutput(tokens, [1, 3, 2], 'cls')).toEqual(Float64Array.of(1, 2))
  expect([...(poolOutput(tokens, [1, 3, 2], 'mean') ?? [])]).toEqual([expect.closeTo(3, 12), expect.closeTo(4, 12)])
  expect(poolOutput(tokens, [1, 6], 'mean')).toEqual(Float64Array.from(tokens))
  expect(poolOutput(tokens, [6], 'cls')).toEqual(Float64Array.from(tokens))
  expect(poolOutput([1n, 2n], [1, 2], 'cls')).toEqual(Float64Array.of(1, 2))
})

test('anything else is no embedding', () => {
  expect(poolOutput([1, 2], [1, 2, 1, 1], 'cls')).toBeUndefined()
  expect(poolOutput([], [1, 0], 'cls')).toBeUndefined()
})

test('the cosine needs two directions', () => {
  expect(cosine(Float64Array.of(3, 4), Float64Array.of(4, 3))).toBeCloseTo(24 / 25, 12)
  expect(cosine(Float64Array.of(1, 0), Float64Array.of(-2, 0))).toBe(-1)
  expect(cosine(Float64Array.of(0, 0), Float64Array.of(1, 0))).toBeUndefined()
})
