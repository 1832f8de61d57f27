import { DdaError } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { CallLog } from './calls.ts'
import { guardRole } from './guard.ts'
import { failure } from '../../../../test/support/testing.ts'

function guard<T extends object>(role: T) {
  const calls = new CallLog()
  const guarded: object[] = []
  return { calls, guarded, role: guardRole(role, 'p', 'editor', calls, (made) => guarded.push(made)) }
}

class Counter {
  #count = 0
  readonly supports = { concurrency: 2, sizes: [1, 2] }
  readonly thinker = Object.freeze({
    fingerprint: 'inner',
    plan() {
      throw new Error('inner boom')
    },
  })
  get count() {
    return this.#count
  }
  add(by: number): number {
    this.#count += by
    return this.#count
  }
  async later(by: number): Promise<number> {
    return this.add(by)
  }
}

test('a role that opens is not asked to work before and after, nor what is inside it; other calls pass', async () => {
  const { role } = guard({
    async open() {},
    async close() {},
    async diagnose() {
      return []
    },
    async edit(_request: object) {
      return 'done'
    },
    thinker: { fingerprint: 'inner', plan: () => ['plan'] },
  })
  const refused = { code: 'DDA_ROLE_CLOSED', plugin: 'p' }
  const edit = async () => role.edit({})
  await expect(edit()).rejects.toMatchObject(refused)
  expect(await role.diagnose()).toEqual([])
  await role.open()
  expect(await edit()).toBe('done')
  expect(role.thinker.plan()).toEqual(['plan'])
  await role.close()
  await expect(edit()).rejects.toMatchObject(refused)
  expect(() => role.thinker.plan()).toThrow(expect.objectContaining(refused))
})

test('a role that fails to open stays closed, and one without open needs none', async () => {
  const { role } = guard({ open: () => Promise.reject(new Error('down')), edit: () => 'done' })
  await expect(role.open()).rejects.toThrow('down')
  expect(() => role.edit()).toThrow(expect.objectContaining({ code: 'DDA_ROLE_CLOSED' }))
  expect(guard({ edit: () => 'done' }).role.edit()).toBe('done')
})

test('private fields, getters and prototypes work through the guard', async () => {
  const { role, calls } = guard(new Counter())
  expect(role.add(2)).toBe(2)
  expect(await role.later(3)).toBe(5)
  expect(role.count).toBe(5)
  expect(role).toBeInstanceOf(Counter)
  expect('add' in role).toBe(true)
  expect(Object.keys(role)).toEqual(['supports', 'thinker'])
  expect(calls.timings().map(({ plugin, call, count }) => [plugin, call, count])).toEqual([
    ['p', 'editor.add', 1],
    ['p', 'editor.later', 1],
  ])
})

test('a method is wrapped once, and data passes as it is', () => {
  const original = new Counter()
  const { role } = guard(original)
  const method = (): unknown => Reflect.get(role, 'add')
  expect(method()).toBe(method())
  expect(role.supports).toBe(original.supports)
})

test('a frozen role and the role inside a role are guarded', async () => {
  const { role, guarded } = guard(Object.freeze(new Counter()))
  const inner = role.thinker
  expect(inner).toBe(role.thinker)
  expect(guarded).toEqual([role, inner])
  expect(inner.fingerprint).toBe('inner')
  const error = await failure(() => inner.plan())
  expect(error).toMatchObject({ code: 'DDA_PLUGIN_FAILED', plugin: 'p' })
  expect(error.message).toBe('Plugin p failed in editor.thinker.plan(): inner boom')
})

test('a rejection is attributed to the plugin, the call and the sample', async () => {
  const { role, calls } = guard({
    async decompose(_input: { plan: { sampleId: string } }) {
      throw new Error('boom')
    },
  })
  const error = await failure(async () => role.decompose({ plan: { sampleId: 's7' } }))
  expect(error).toMatchObject({ code: 'DDA_PLUGIN_FAILED', kind: 'plugin-error', sampleId: 's7' })
  expect(calls.pending()).toEqual([])
})

test('a coded error keeps its code, message and kind', async () => {
  const own = new DdaError('DDA_EDITOR_TIMEOUT', 'slow', { kind: 'timeout' })
  const { role } = guard({
    async edit() {
      throw own
    },
  })
  const error = await failure(async () => role.edit())
  expect(error).toMatchObject({ code: 'DDA_EDITOR_TIMEOUT', message: 'slow', kind: 'timeout', plugin: 'p', cause: own })
})

test.each([
  [
    'ENOSPC of a write',
    Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', path: '/a/b' }),
    /\/a\/b/,
  ],
  ['EDQUOT', Object.assign(new Error('EDQUOT: disk quota exceeded'), { code: 'EDQUOT' }), /what p keeps/],
  ['what a thread passed on', new Error('ENOSPC: no space left on device, write'), /what p keeps/],
  ['what Python said', new Error('OSError: [Errno 28] No space left on device'), /what p keeps/],
  [
    "a plugin's own code over it",
    new DdaError('DDA_OTHER', 'not written', {
      cause: Object.assign(new Error('full'), { code: 'ENOSPC', path: '/c' }),
    }),
    /\/c/,
  ],
  ['a worker', new DdaError('DDA_WORKER_FAILED', 'reports OSError: [Errno 122] Disk quota exceeded'), /what p keeps/],
])('a full disk below a call is told as that: %s', async (_, thrown, message) => {
  const { role } = guard({
    async save() {
      throw thrown
    },
  })
  const error = await failure(async () => role.save())
  expect(error).toMatchObject({ code: 'DDA_DISK_FULL', plugin: 'p', message: expect.stringMatching(message) })
})

test('what a server says of its own disk is its own failure', async () => {
  const said = new DdaError('DDA_ENDPOINT_STATUS', 'HTTP 500: [Errno 28] No space left on device', { kind: 'server' })
  const { role } = guard({
    async edit() {
      throw said
    },
  })
  expect((await failure(async () => role.edit())).code).toBe('DDA_ENDPOINT_STATUS')
})

test('an abort that was asked for passes as it is', async () => {
  const { role } = guard({
    async edit(_request: object, { signal }: { signal: AbortSignal }) {
      signal.throwIfAborted()
    },
  })
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  await expect(role.edit({}, { signal: stop.signal })).rejects.toBe(stop.signal.reason)
})

test('an async stream is guarded at every step and closed when left early', async () => {
  let closed = false
  const { role, calls } = guard({
    async *stream(fail: boolean) {
      try {
        yield 1
        if (fail) throw new Error('boom')
        yield 2
      } finally {
        closed = true
      }
    },
  })
  const seen: number[] = []
  for await (const item of role.stream(false)) {
    seen.push(item)
    break
  }
  expect([seen, closed]).toEqual([[1], true])
  const error = await failure(async () => {
    for await (const item of role.stream(true)) seen.push(item)
  })
  expect(error.message).toBe('Plugin p failed in editor.stream(): boom')
  expect(calls.pending()).toEqual([])
  expect(calls.timings()).toMatchObject([{ call: 'editor.stream', count: 2 }])
})

test('a call that never ends is pending', () => {
  const { role, calls } = guard({ edit: async () => new Promise(() => {}) })
  void role.edit()
  expect(calls.pending()).toMatchObject([{ plugin: 'p', call: 'editor.edit' }])
})

test('whatever a plugin throws names it, also what has no text', async () => {
  const log = new CallLog()
  for (const thrown of [Object.create(null), undefined, Symbol('x'), Object.freeze({})] as unknown[]) {
    const role = guardRole({ work: () => Promise.reject(thrown) }, 'odd', 'role', log, () => undefined)
    await expect(role.work()).rejects.toMatchObject({ code: 'DDA_PLUGIN_FAILED', plugin: 'odd' })
  }
})
