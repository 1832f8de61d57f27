import { afterEach, expect, test, vi } from 'vitest'
import { AbortScope, withDeadline } from './abort-scope.ts'

const LONG = { seconds: 60, code: 'DDA_DEADLINE_EDIT', what: 'The edit', stage: 'edit' } as const
const never = new Promise<never>(() => undefined)
const reason = new Error('enough')

afterEach(() => vi.restoreAllMocks())

test('a call that never looks at its signal has none, and ends with its scope all the same', async () => {
  const made = vi.spyOn(AbortController.prototype, 'signal', 'get')
  const scope = new AbortScope()
  made.mockClear()
  await expect(withDeadline(scope, LONG, () => Promise.resolve('done'))).resolves.toBe('done')
  // The scope's own is looked at; each call would add one.
  expect(new Set(made.mock.contexts).size).toBe(1)
  const waiting = withDeadline(scope, LONG, () => never)
  scope.abort(reason)
  await expect(waiting).rejects.toBe(reason)
})

test('a call may take its signal early, late or in a copy of what it was given: it is one', async () => {
  const scope = new AbortScope()
  const seen: AbortSignal[] = []
  const waiting = withDeadline(scope, LONG, (limits) => {
    const { signal } = limits
    seen.push(signal, { ...limits }.signal, limits.signal)
    return never
  })
  scope.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  expect(new Set(seen).size).toBe(1)
  expect(seen[0]).toMatchObject({ aborted: true, reason })
})

test('a scope that is aborted without a reason has one, and so have its calls', async () => {
  const scope = new AbortScope()
  const waiting = withDeadline(scope, LONG, () => never)
  scope.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  await expect(waiting).rejects.toBe(scope.signal.reason)
})

test('where the deadline passes, the signal tells the same error', async () => {
  let signal: AbortSignal | undefined
  const late = withDeadline(new AbortScope(), { ...LONG, seconds: 0.01 }, (limits) => {
    signal = limits.signal
    return never
  })
  const error: unknown = await late.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'DDA_DEADLINE_EDIT', kind: 'timeout' })
  expect(signal?.reason).toBe(error)
})

test('in a scope that was aborted nothing is called', async () => {
  const scope = new AbortScope()
  scope.abort(reason)
  const call = vi.fn(() => Promise.resolve())
  await expect(withDeadline(scope, LONG, call)).rejects.toBe(reason)
  expect(call).not.toHaveBeenCalled()
})
