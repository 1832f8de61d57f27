import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { asCompleted } from './as-completed.ts'

test.each([
  ['takes them at once', () => Promise.resolve()],
  ['is slower than they are', () => turn()],
])('every task is begun, at most so many at once, where whoever takes the results %s', async (_, pause) => {
  let running = 0
  let most = 0
  const tasks = Array.from({ length: 20 }, (_, index) => async () => {
    running += 1
    most = Math.max(most, running)
    await Promise.resolve()
    running -= 1
    return index
  })
  const found: number[] = []
  for await (const one of asCompleted(tasks, 8, new AbortController().signal)) {
    found.push(one)
    await pause()
  }
  expect(found.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index))
  expect(most).toBe(8)
})
