import { setTimeout as wait } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { asFinished } from './as-finished.ts'

const collect = async <T>(stream: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}

test('gives everything once, soonest first, with no more at once than it may', async () => {
  let [active, most] = [0, 0]
  let thirdEnded = (): void => undefined
  const third = new Promise<void>((resolve) => (thirdEnded = resolve))
  const results = await collect(
    asFinished([1, 2, 3], { limit: 2, stop: vi.fn<() => void>() }, async (one) => {
      most = Math.max(most, ++active)
      // The first waits for the last, which may begin once the second has ended.
      if (one === 1) await third
      if (one === 3) setImmediate(thirdEnded)
      active -= 1
      return one
    }),
  )
  expect(results).toEqual([2, 3, 1])
  expect(most).toBe(2)
})

test('begins nothing more when nobody listens, says so, and leaves nothing behind', async () => {
  const stop = vi.fn<() => void>()
  const begun: number[] = []
  let ended = 0
  for await (const result of asFinished([1, 2, 3, 4, 5], { limit: 2, stop }, async (item) => {
    begun.push(item)
    await wait(2)
    ended += 1
    return item
  })) {
    expect(result).toBe(1)
    break
  }
  expect(stop).toHaveBeenCalledTimes(1)
  expect(begun.length).toBeLessThan(5)
  expect(ended).toBe(begun.length)
})

test('nothing gives nothing', async () => {
  expect(await collect(asFinished([], { limit: 2, stop: vi.fn<() => void>() }, async () => 1))).toEqual([])
})
