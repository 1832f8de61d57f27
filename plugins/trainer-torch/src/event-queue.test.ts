import { expect, test } from 'vitest'
import { EventQueue } from './event-queue.ts'

test('events are read in order, those before a failure first', async () => {
  const queue = new EventQueue<number>()
  queue.push(1)
  setTimeout(() => {
    queue.push(2)
    queue.fail(new Error('dead'))
  }, 5)
  const seen: number[] = []
  await expect(
    (async () => {
      for await (const event of queue) seen.push(event)
    })(),
  ).rejects.toThrow('dead')
  expect(seen).toEqual([1, 2])
})
