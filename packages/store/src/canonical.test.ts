import { expect, test } from 'vitest'
import { canonicalJson } from '@dda-thinker/plugin-api'
import { canonicalHash, sha256 } from './canonical.ts'

test.each([
  null,
  'a\u2028"b',
  1.5,
  [],
  {},
  [undefined, 1, [undefined]],
  { b: 1, a: undefined, 10: 'x', 2: { z: [], y: { 1: true, a: false, 0: null } } },
  [
    { seed: 1, judge: [{ use: 'x', options: {} }] },
    { editsOf: 'run', checklists: [['id', [{ id: 'c', weight: 2 }]]] },
  ],
])('the hash of %j is that of its canonical JSON', (value) => {
  expect(canonicalHash(value)).toBe(sha256(canonicalJson(value)))
})

test('what is gone through has the hash of the list of what it gives', () => {
  const list = [
    ['one', [{ b: 1, a: 2 }]],
    ['two', []],
  ] as const
  const lazy = {
    *[Symbol.iterator]() {
      yield* list
    },
  }
  expect(canonicalHash([{ checklists: lazy, a: 0 }])).toBe(canonicalHash([{ a: 0, checklists: list }]))
})

test('what has no canonical JSON has no hash', () => {
  expect(() => canonicalHash({ a: [Number.NaN] })).toThrow(TypeError)
})

test('no name of a key is special', () => {
  const value = JSON.parse('{"a":1,"__proto__":2,"constructor":3}') as unknown
  expect(canonicalJson(value)).toBe('{"__proto__":2,"a":1,"constructor":3}')
  expect(canonicalHash(value)).toBe(sha256(canonicalJson(value)))
})
