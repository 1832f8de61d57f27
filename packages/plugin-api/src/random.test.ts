import { expect, test } from 'vitest'
import { deriveSeed, deriveUniform, fnv1a, mulberry32 } from './random.ts'

test('mulberry32 gives its published stream', () => {
  const random = mulberry32(1)
  expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522])
})

test('FNV-1a gives its published values', () => {
  expect([fnv1a(''), fnv1a('a'), fnv1a('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968])
})

test('a derived seed follows from its parts alone', () => {
  expect(deriveSeed('a', 'bc')).not.toBe(deriveSeed('ab', 'c'))
  expect(deriveUniform('a', 1)).toBe(deriveSeed('a', 1) / 2 ** 32)
})
