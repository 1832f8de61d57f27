import { expect, test } from 'vitest'
import { evenly } from './rows.ts'

test.each([
  [21, 5, [4, 4, 5, 4, 4]],
  [26, 5, [5, 5, 6, 5, 5]],
  [8, 4, [2, 2, 2, 2]],
  [3, 5, [1, 1, 1]],
  [0, 1, []],
])('%i bundles in %i mini-batches leave no small rest', (count, pieces, sizes) => {
  const parts = evenly(
    Array.from({ length: count }, (_, i) => i),
    pieces,
  )
  expect(parts.map(({ length }) => length)).toEqual(sizes)
  expect(parts.flat()).toEqual(Array.from({ length: count }, (_, i) => i))
})
