import { expect, test } from 'vitest'
import { checkRole, checkStream } from './check-role.ts'
import { EDITOR, JUDGES } from './slots.ts'

const supports = { determinism: 'bitwise', concurrency: 1, maxImages: 1 }
const editor = { fingerprint: 'e', supports, edit: () => undefined }
const judge = { fingerprint: 'j', scopes: ['visual'], concurrency: Infinity, judge: () => undefined }

test('a role that has what its kind must have passes', () => {
  checkRole(EDITOR, editor, 'p')
  checkRole(JUDGES, judge, 'p')
})

test.each([
  [EDITOR, { ...editor, edit: 7 }, 'edit', 'number'],
  [EDITOR, { ...editor, supports: { ...supports, determinism: 'sometimes' } }, 'supports.determinism', '"sometimes"'],
  [EDITOR, { ...editor, supports: { ...supports, concurrency: -1 } }, 'supports.concurrency', '-1'],
  [EDITOR, { ...editor, supports: { ...supports, concurrency: NaN } }, 'supports.concurrency', 'NaN'],
  [EDITOR, { ...editor, supports: { ...supports, maxImages: 'two' } }, 'supports.maxImages', '"two"'],
  [EDITOR, { ...editor, supports: {} }, 'supports.determinism', 'undefined'],
  [JUDGES, { ...judge, scopes: ['smell'] }, 'scopes', '["smell"]'],
  [JUDGES, { ...judge, scopes: [] }, 'scopes', '[]'],
  [JUDGES, { ...judge, scopes: 'visual' }, 'scopes', 'string'],
  [JUDGES, { ...judge, concurrency: 0 }, 'concurrency', '0'],
])('of %o the role %o has no usable %s: %s is there', (kind, role, member, got) => {
  expect(() => checkRole(kind, role, 'p')).toThrow(
    expect.objectContaining({
      code: 'DDA_PLUGIN_ROLE',
      plugin: 'p',
      message: expect.stringMatching(new RegExp(`no usable \`${member.replace('.', '\\.')}\`: .* is due, .* is there`)),
    }),
  )
  expect(() => checkRole(kind, role, 'p')).toThrow(`${got} is there`)
})

test.each<[string, () => unknown]>([
  ['3', () => 3],
  ['a promise', () => Promise.reject(new Error('late'))],
  ['undefined', () => undefined],
])('a call that should give a stream gives %s', (got, call) => {
  expect(() => checkStream(call(), 'synthesize', 'p')).toThrow(
    expect.objectContaining({
      code: 'DDA_PLUGIN_ROLE',
      message: `What \`synthesize\` of plugin p returns is ${got}, and no stream.`,
    }),
  )
})

test('what other calls return passes', () => {
  expect(checkStream(3, 'edit', 'p')).toBe(3)
})

test('generators, waited for or not, and lists are streams', () => {
  const streams = [(async function* () {})(), (function* () {})(), []]
  for (const stream of streams) expect(checkStream(stream, 'plan', 'p')).toBe(stream)
})
