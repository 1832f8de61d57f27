import { expect, test } from 'vitest'
import { inOrder } from './in-order.ts'

/** Promises that the test settles by index. */
function latches<T>(count: number) {
  return Array.from({ length: count }, () => {
    const ends: { resolve?: (result: T) => void; reject?: (error: Error) => void } = {}
    const promise = new Promise<T>((resolve, reject) => Object.assign(ends, { resolve, reject }))
    return {
      promise,
      resolve: (result: T): void => ends.resolve?.(result),
      reject: (error: Error): void => ends.reject?.(error),
    }
  })
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('results are taken in order, whatever ends first, and no more begins than is allowed', async () => {
  const items = latches<string>(5)
  const log: string[] = []
  const done = inOrder(
    items,
    2,
    (item, i) => {
      log.push(`work ${i}`)
      return item.promise
    },
    (result, i) => log.push(`take ${i} ${result}`),
  )
  items[1]?.resolve('b')
  await turn()
  expect(log).toEqual(['work 0', 'work 1'])
  items[0]?.resolve('a')
  await turn()
  expect(log).toEqual(['work 0', 'work 1', 'take 0 a', 'work 2', 'take 1 b', 'work 3'])
  for (const [i, item] of items.entries()) item.resolve('abcde'.charAt(i))
  await done
  expect(log.slice(-4)).toEqual(['take 2 c', 'work 4', 'take 3 d', 'take 4 e'])
})

test('a failure is thrown when all that had begun has ended, and nothing begins after it', async () => {
  const items = latches<number>(6)
  const begun: number[] = []
  let over = false
  const failing = inOrder(
    items,
    3,
    (item, i) => {
      begun.push(i)
      return item.promise
    },
    () => undefined,
  ).finally(() => {
    over = true
  })
  failing.catch(() => undefined)
  items[1]?.reject(new Error('second'))
  await turn()
  items[0]?.resolve(0)
  await turn()
  // The fourth began when the first was taken.
  expect(begun).toEqual([0, 1, 2, 3])
  expect(over).toBe(false)
  items[2]?.reject(new Error('third'))
  items[3]?.resolve(3)
  await expect(failing).rejects.toThrow('second')
  expect(begun).toEqual([0, 1, 2, 3])
})

test('work that throws at once and nothing to do at all are no exceptions', async () => {
  await inOrder([], 2, () => Promise.reject(new Error('never')), expect.unreachable)
  const broken = inOrder(
    [1, 2],
    2,
    async (item) => (item === 2 ? Promise.reject(new Error('two')) : item),
    () => undefined,
  )
  await expect(broken).rejects.toThrow('two')
})
