import { expect, test } from 'vitest'
import { LineIndex } from './line-index.ts'

const idOf = ({ id }: { readonly id: string }) => id

test('a value is found by its text, the first of several, and none that was not added', () => {
  const list = Array.from({ length: 5000 }, (_, n) => ({ id: `sample-${n % 4999}`, n }))
  const index = new LineIndex(list, idOf)
  const added = list.map(({ id }, place) => place === 7 || index.add(id, place))
  expect(added.filter((was) => !was)).toHaveLength(1)
  expect(index.size).toBe(4998)
  expect(index.get('sample-0')).toEqual({ id: 'sample-0', n: 0 })
  expect(index.get('sample-4998')).toEqual({ id: 'sample-4998', n: 4998 })
  expect([index.get('sample-7'), index.has('sample-7'), index.has('sample-8')]).toEqual([undefined, false, true])
  // Asked for before it was there.
  expect([index.add('sample-7', 7), index.get('sample-7')?.n]).toEqual([true, 7])
})

test('a place that holds another value than it is asked for is not taken for it', () => {
  const list = [{ id: 'a' }, { id: 'b' }]
  const index = new LineIndex(list, idOf)
  // As where two digests begin alike.
  index.add('b', 0)
  expect(index.get('b')).toBe(list[1])
  index.add('c', 0)
  expect(index.get('c')).toBeUndefined()
})
