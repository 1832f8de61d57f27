import { expect, test } from 'vitest'
import { orderTaps, type Orderable } from './order.ts'
import { failure } from '../../../../test/support/testing.ts'

const tap = (name: string, rest: Partial<Orderable> = {}): Orderable => ({
  name,
  order: 'normal',
  before: [],
  after: [],
  ...rest,
})
const names = (taps: readonly Orderable[]) => orderTaps('plan', taps).map(({ name }) => name)

test('taps keep config order within pre, normal and post', () => {
  expect(
    names([tap('a', { order: 'post' }), tap('b'), tap('c', { order: 'pre' }), tap('d'), tap('e', { order: 'pre' })]),
  ).toEqual(['c', 'e', 'b', 'd', 'a'])
})

test('before and after win over everything else', () => {
  expect(names([tap('a'), tap('b', { before: ['a'] })])).toEqual(['b', 'a'])
  expect(names([tap('a', { after: ['c'] }), tap('b'), tap('c')])).toEqual(['b', 'c', 'a'])
  expect(names([tap('a', { order: 'pre', after: ['b'] }), tap('b', { order: 'post' })])).toEqual(['b', 'a'])
})

test('a name stands for every tap of that plugin, by its id or its own name', () => {
  expect(names([tap('a'), tap('x', { before: ['a'] }), tap('a')])).toEqual(['x', 'a', 'a'])
  expect(names([tap('left', { aliases: ['probe'] }), tap('x', { before: ['probe'] })])).toEqual(['x', 'left'])
})

test('a name that taps nothing here is an error with the nearest one', async () => {
  const error = await failure(() => names([tap('brevity'), tap('x', { before: ['brevty'] })]))
  expect(error.code).toBe('DDA_HOOK_ORDER_UNKNOWN')
  expect(error.message).toContain('Did you mean `brevity`?')
})

test('a name may be missing where some plugins were left unloaded', () => {
  expect(orderTaps('plan', [tap('x', { before: ['gone'] })], { lenient: true })).toHaveLength(1)
})

test('a loop is named in the order in which it runs', async () => {
  const error = await failure(() =>
    names([tap('free'), tap('a', { before: ['b'] }), tap('b', { before: ['c'] }), tap('c', { before: ['a'] })]),
  )
  expect(error.code).toBe('DDA_HOOK_ORDER_LOOP')
  expect(error.message).toMatch(
    /a before b before c before a|b before c before a before b|c before a before b before c/,
  )
})

test('a tap that must run before itself is a loop', async () => {
  expect((await failure(() => names([tap('a', { before: ['a'] })]))).code).toBe('DDA_HOOK_ORDER_LOOP')
})
