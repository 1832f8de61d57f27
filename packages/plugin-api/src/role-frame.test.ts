import { expect, test } from 'vitest'
import { RoleFrame } from './role-frame.ts'

function bench() {
  const ended: number[] = []
  const frame = new RoleFrame<{ readonly id: number }>({
    role: 'editor-test',
    end: async ({ id }) => void ended.push(id),
  })
  const closed = expect.objectContaining({ code: 'DDA_ROLE_CLOSED', message: 'editor-test is not open' })
  return { frame, ended, closed }
}

test('holds from open to close, and at no other time', async () => {
  const { frame, ended, closed } = bench()
  expect(() => frame.held).toThrow(closed)
  await frame.open(() => ({ id: 1 }))
  expect([frame.isOpen, frame.held.id]).toEqual([true, 1])
  await frame.close()
  await frame.close()
  expect(ended).toEqual([1])
  expect(frame.isOpen).toBe(false)
  expect(() => frame.held).toThrow(closed)
})

test('what opening fails after is ended, and the failure stays', async () => {
  const { frame, ended, closed } = bench()
  const failure = new Error('the service is down')
  await expect(
    frame.open(
      () => ({ id: 2 }),
      () => Promise.reject(failure),
    ),
  ).rejects.toBe(failure)
  expect(ended).toEqual([2])
  expect(() => frame.held).toThrow(closed)
  await expect(frame.open(() => Promise.reject(failure))).rejects.toBe(failure)
  expect(ended).toEqual([2])
})

test('opening again ends what was held before', async () => {
  const { frame, ended } = bench()
  await frame.open(() => ({ id: 1 }))
  await frame.open(() => ({ id: 2 }))
  expect([ended, frame.held.id]).toEqual([[1], 2])
})
