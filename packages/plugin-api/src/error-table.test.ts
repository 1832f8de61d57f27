import { expect, expectTypeOf, test } from 'vitest'
import { errorCode, errorTable } from './error-table.ts'
import { isDdaError } from './dda-error.ts'

const errors = errorTable(
  {
    DDA_TOO_MANY: { message: '{count} images; the Editor takes {max}', next: 'Leave {count} out.', exit: 'usage' },
    DDA_PLAIN: { message: 'nothing to fill in' },
    'DDA_PICTURE/truncated': { message: '{file} ends early', exit: 'partial' },
    'DDA_PICTURE/empty': { message: '{file} is empty' },
  },
  { page: 'https://example.test/errors.md' },
)

test('an error says what its row says, filled in, and carries details', () => {
  const cause = new Error('below')
  const error = errors.make('DDA_TOO_MANY', { count: 3, max: 1 }, { kind: 'bad-input', cause })
  expect(isDdaError(error)).toBe(true)
  expect(error).toMatchObject({
    code: 'DDA_TOO_MANY',
    message: '3 images; the Editor takes 1',
    next: 'Leave 3 out.',
    exit: 'usage',
    kind: 'bad-input',
    page: 'https://example.test/errors.md#dda_too_many',
    cause,
  })
})

test('a row without next step and exit has neither, and ends a command as a failure', () => {
  const error = errors.make('DDA_PLAIN')
  expect(error).toMatchObject({ message: 'nothing to fill in', next: undefined, exit: 'failure' })
  expect(errorTable({ DDA_ELSEWHERE: { message: 'a' } }).make('DDA_ELSEWHERE').page).toBeUndefined()
})

test('several cases of one code are thrown under that code', () => {
  expect(errors.make('DDA_PICTURE/truncated', { file: 'a.png' })).toMatchObject({
    code: 'DDA_PICTURE',
    message: 'a.png ends early',
    exit: 'partial',
    page: 'https://example.test/errors.md#dda_picture',
  })
  expect(errorCode('DDA_PICTURE/empty')).toBe('DDA_PICTURE')
})

test('what is filled in is text: its braces, dollars and inherited names are left as they are', () => {
  expect(errors.make('DDA_PICTURE/empty', { file: '{file} $& {max}' }).message).toBe('{file} $& {max} is empty')
  const inherited = errorTable({ DDA_INHERITED: { message: '{constructor} {given}' } })
  expect(inherited.make('DDA_INHERITED', { constructor: 'a', given: 1 }).message).toBe('a 1')
  // @ts-expect-error a hole is left open
  expect(inherited.make('DDA_INHERITED', { given: 1 }).message).toBe('{constructor} 1')
})

test('braces around anything but a name are text', () => {
  const braced = errorTable({
    DDA_BRACED: { message: 'write { use: ... } or {"id"}, { {what}: {which} }', next: 'f({...})' },
  })
  expect(braced.make('DDA_BRACED', { what: 'a', which: 'b' })).toMatchObject({
    message: 'write { use: ... } or {"id"}, { a: b }',
    next: 'f({...})',
  })
})

test('an error that another process has worded gets exit status and page of its table, an unknown one is none', () => {
  const cause = new Error('there')
  const error = errors.restore('DDA_PICTURE', 'said elsewhere', { next: 'Also said.', kind: 'bad-input', cause })
  expect(error).toMatchObject({
    code: 'DDA_PICTURE',
    message: 'said elsewhere',
    next: 'Also said.',
    kind: 'bad-input',
    exit: 'partial',
    page: 'https://example.test/errors.md#dda_picture',
    cause,
  })
  expect(errors.restore('DDA_PICTURE_OTHER', 'said elsewhere')).toBeUndefined()
})

test('types know keys and holes', () => {
  expectTypeOf(errorCode('DDA_PICTURE/empty')).toEqualTypeOf<'DDA_PICTURE'>()
  // @ts-expect-error no such key
  expect(errors.make('DDA_OTHER').message).toContain('DDA_OTHER')
  // @ts-expect-error a hole that the row does not have
  errors.make('DDA_PICTURE/empty', { file: 'a', other: 'b' })
  // @ts-expect-error the next step stands in the table
  errors.make('DDA_PLAIN', {}, { next: 'Other.' })
})
