import { type Editor, EDITOR, type Judge, JUDGES, REWARD } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { RunContainer } from './container.ts'
import { failure } from '../../../../test/support/testing.ts'

const editor = (fingerprint: string) => ({ fingerprint }) as Editor
const judge = (fingerprint: string) => ({ fingerprint }) as Judge

test('a slot has one provider, made once and when first asked for', async () => {
  const run = new RunContainer()
  let made = 0
  run.provide(EDITOR, 'editor-a', () => editor(`made ${(made += 1)}`))
  expect(made).toBe(0)
  expect(run.resolve(EDITOR)).toBe(run.resolve(EDITOR))
  expect(run.resolve(EDITOR).fingerprint).toBe('made 1')
  const error = await failure(() => run.provide(EDITOR, 'editor-b', () => editor('b')))
  expect(error.code).toBe('DDA_SLOT_TAKEN')
  expect(error.message).toContain('editor-a and editor-b')
})

test('an empty slot names the key that would fill it', async () => {
  const error = await failure(() => new RunContainer().resolve(REWARD))
  expect(error.code).toBe('DDA_SLOT_EMPTY')
  expect(error.next).toContain('`reward: { use: ... }`')
})

test('a list keeps the order of contributions, and runs do not see each other', () => {
  const run = new RunContainer()
  run.contribute(JUDGES, 'a', () => judge('a'))
  run.contribute(JUDGES, 'b', () => judge('b'))
  expect(run.all(JUDGES).map(({ fingerprint }) => fingerprint)).toEqual(['a', 'b'])
  expect(run.all(JUDGES)[0]).toBe(run.all(JUDGES)[0])
  expect(new RunContainer().all(JUDGES)).toEqual([])
})

test('endings run last in first out, all of them, once', async () => {
  const run = new RunContainer()
  const ended: number[] = []
  run.onDispose(() => void ended.push(1))
  run.onDispose(() => {
    throw new Error('two')
  })
  run.onDispose(async () => Promise.reject(new Error('three')))
  run.onDispose(() => void ended.push(4))
  const error = await failure(async () => run.dispose())
  expect(ended).toEqual([4, 1])
  expect(error.code).toBe('DDA_DISPOSE_FAILED')
  expect((error.cause as AggregateError).errors.map((each: Error) => each.message)).toEqual(['three', 'two'])
  await expect(run.dispose()).rejects.toBe(error)
})

test('a child has another role in one slot, shares the rest, and ends with its parent', async () => {
  const run = new RunContainer()
  run.provide(EDITOR, 'a', () => editor('a'))
  run.contribute(JUDGES, 'j', () => judge('j'))
  const ended: string[] = []
  const child = run.with(EDITOR, 'b', editor('b'))
  child.onDispose(() => void ended.push('child'))
  run.onDispose(() => void ended.push('parent'))
  expect([child.resolve(EDITOR).fingerprint, child.providerOf(EDITOR)]).toEqual(['b', 'b'])
  expect([run.resolve(EDITOR).fingerprint, run.providerOf(EDITOR)]).toEqual(['a', 'a'])
  expect(child.all(JUDGES)[0]).toBe(run.all(JUDGES)[0])
  await child.dispose()
  await run.dispose()
  expect(ended).toEqual(['parent', 'child'])
})
