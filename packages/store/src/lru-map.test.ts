import { expect, test } from 'vitest'
import { LruMap } from './lru-map.ts'

test('what was not used for longest makes room; a look whether it is there is no use', () => {
  const map = new LruMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.get('a')).toBe(1)
  expect(map.has('b')).toBe(true)
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2])
  map.set('a', 4)
  map.set('d', 5)
  expect([map.get('a'), map.get('c'), map.get('d')]).toEqual([4, undefined, 5])
  map.delete('a')
  expect([map.has('a'), map.size]).toEqual([false, 1])
})
