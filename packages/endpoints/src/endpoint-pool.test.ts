import { setImmediate as tick } from 'node:timers/promises'
import type { FailureKind } from '@dda-thinker/plugin-api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EndpointError } from './endpoint-error.ts'
import { EndpointPool, type EndpointPoolOptions } from './endpoint-pool.ts'
import type { Endpoint } from './endpoint.ts'
import { RetryPolicy } from './retry-policy.ts'

const signal = new AbortController().signal
const URLS = ['http://a', 'http://b', 'http://c']

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function pool(options: Partial<EndpointPoolOptions> = {}): EndpointPool {
  const retry = new RetryPolicy({ attempts: 5, baseDelayMs: 100, random: () => 0 })
  return new EndpointPool({ urls: ['http://a/'], retry, ...options })
}

function failure(kind: FailureKind, retryAfterMs?: number): EndpointError {
  return new EndpointError('DDA_ENDPOINT_SERVER', kind, {
    kind,
    next: '-',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** Calls that wait until they are let go. */
function gate() {
  const entered: string[] = []
  const leave: (() => void)[] = []
  const work = (endpoint: Endpoint): Promise<string> =>
    new Promise((resolve) => {
      entered.push(endpoint.url)
      leave.push(() => resolve(endpoint.url))
    })
  return { entered, leave, work }
}

test('never has more calls under way than it may, and serves in order', async () => {
  const { entered, leave, work } = gate()
  const one = pool({ urls: ['http://a', 'http://b'], perEndpoint: 2 })
  expect(one.concurrency).toBe(4)
  const calls = Array.from({ length: 6 }, () => one.run(work, { signal }))
  await tick()
  expect(entered.toSorted()).toEqual(['http://a', 'http://a', 'http://b', 'http://b'])
  leave[0]?.()
  await tick()
  expect(entered.length).toBe(5)
  for (let i = 0; i < 6; i++) {
    leave[i]?.()
    await tick()
  }
  await Promise.all(calls)
  expect(one.status().map(({ active, calls: count }) => [active, count])).toEqual([
    [0, 3],
    [0, 3],
  ])
})

test('least outstanding goes where least is under way; round robin takes turns regardless', async () => {
  for (const [strategy, expected] of [
    ['least-outstanding', ['http://b', 'http://b']],
    ['round-robin', ['http://a', 'http://b']],
  ] as const) {
    const { entered, leave, work } = gate()
    const one = pool({ urls: ['http://a', 'http://b'], perEndpoint: 9, strategy })
    const first = [one.run(work, { signal }), one.run(work, { signal }), one.run(work, { signal })]
    const more = one.run(work, { signal })
    await tick()
    expect(entered).toEqual(['http://a', 'http://b', 'http://a', 'http://b'])
    leave[1]?.()
    leave[3]?.()
    await Promise.all([first[1], more])
    const last = [one.run(work, { signal }), one.run(work, { signal })]
    await tick()
    expect(entered.slice(4)).toEqual(expected)
    for (const go of leave) go()
    await Promise.all([...first, ...last])
  }
})

test('repeats transient failures elsewhere, at once the first time, and gives the last error in the end', async () => {
  const asked: string[] = []
  const one = pool({ urls: URLS })
  const result = await one.run(
    async ({ url }) => {
      asked.push(url)
      if (asked.length < 2) throw failure('connection')
      return url
    },
    { signal },
  )
  expect([asked, result]).toEqual([['http://a', 'http://b'], 'http://b'])
  expect(vi.getTimerCount()).toBe(0)

  const error = failure('server')
  const lost = one.run(() => Promise.reject(error), { signal })
  const settled = expect(lost).rejects.toBe(error)
  await vi.runAllTimersAsync()
  await settled
})

test('does not repeat final failures', async () => {
  const work = vi.fn(() => Promise.reject(failure('unavailable')))
  await expect(pool({ urls: URLS }).run(work, { signal })).rejects.toThrow('unavailable')
  expect(work).toHaveBeenCalledTimes(1)
})

test('leaves an endpoint alone for as long as it asked, and asks the others meanwhile', async () => {
  const begun = performance.now()
  const asked: [string, number][] = []
  const one = pool({ urls: ['http://a', 'http://b'] })
  const work = async ({ url }: Endpoint): Promise<string> => {
    asked.push([url, performance.now() - begun])
    if (url === 'http://a' && performance.now() - begun < 5000) throw failure('rate-limit', 5000)
    return url
  }
  expect(await one.run(work, { signal })).toBe('http://b')
  for (let i = 0; i < 3; i++) expect(await one.run(work, { signal })).toBe('http://b')
  expect(asked.filter(([url]) => url === 'http://a').length).toBe(1)

  const alone = pool()
  const wait = alone.run(work, { signal })
  await vi.advanceTimersByTimeAsync(4990)
  expect(asked.length).toBe(6)
  await vi.advanceTimersByTimeAsync(20)
  expect(await wait).toBe('http://a')
})

test('keeps calls from a failing endpoint and tries it again with one, after the health probe', async () => {
  let broken = true
  let probes = 0
  const asked: string[] = []
  const one = pool({
    urls: ['http://a', 'http://b'],
    perEndpoint: 4,
    breaker: { failures: 2, cooldownMs: 1000 },
    probe: async () => {
      probes += 1
      if (broken) throw failure('connection')
    },
  })
  const work = async ({ url }: Endpoint): Promise<string> => {
    asked.push(url)
    if (url === 'http://a' && broken) throw failure('connection')
    return url
  }
  for (let i = 0; i < 10; i++) expect(await one.run(work, { signal })).toBe('http://b')
  expect(asked.filter((url) => url === 'http://a').length).toBe(2)
  expect(one.status()[0]?.state).toBe('open')
  await vi.advanceTimersByTimeAsync(1001)
  expect(await one.run(work, { signal })).toBe('http://b')
  expect(await one.run(work, { signal })).toBe('http://b')
  expect([asked.filter((url) => url === 'http://a').length, probes]).toEqual([2, 1])
  broken = false
  await vi.advanceTimersByTimeAsync(2001)
  const answers = [await one.run(work, { signal }), await one.run(work, { signal })]
  expect(answers).toContain('http://a')
  expect([one.status()[0]?.state, probes]).toEqual(['closed', 2])
})

test('stops everything, resumably, where no endpoint has worked for long', async () => {
  const one = pool({ urls: ['http://a', 'http://b'], perEndpoint: 2, giveUpAfterMs: 30_000 })
  const work = vi.fn(() => Promise.reject(failure('connection')))
  const results = Promise.allSettled(Array.from({ length: 40 }, () => one.run(work, { signal })))
  await vi.advanceTimersByTimeAsync(60_000)
  const errors = (await results).map((result) => (result as PromiseRejectedResult).reason as EndpointError)
  expect(errors.filter(({ code, kind }) => code === 'DDA_ENDPOINT_DOWN' && kind === 'unavailable').length).toBe(40)
  // Far fewer calls than 40 × 5: the breakers stood in between.
  expect(work.mock.calls.length).toBeLessThan(60)
})

test('an abort ends waiting and working calls, and speaks against no endpoint', async () => {
  const controller = new AbortController()
  const one = pool({ breaker: { failures: 1 } })
  const working = one.run(
    (_endpoint) =>
      new Promise((_resolve, reject) => controller.signal.addEventListener('abort', () => reject(failure('timeout')))),
    { signal: controller.signal },
  )
  const waiting = one.run(() => Promise.resolve(), { signal: controller.signal })
  const reason = new Error('the run ends')
  const ends = [expect(working).rejects.toBe(reason), expect(waiting).rejects.toBe(reason)]
  await tick()
  controller.abort(reason)
  await Promise.all(ends)
  expect(one.status()[0]).toMatchObject({ active: 0, state: 'closed', failures: {} })
  await expect(one.run(() => Promise.resolve(1), { signal: controller.signal })).rejects.toBe(reason)
  expect(await one.run(() => Promise.resolve(1), { signal })).toBe(1)
})

test('adapts to rate limits', async () => {
  const one = pool({ perEndpoint: 10, adaptive: true })
  expect(one.status()[0]?.limit).toBe(10)
  let first = true
  const call = one.run(
    async () => {
      if (first) {
        first = false
        throw failure('rate-limit')
      }
    },
    { signal },
  )
  await vi.runAllTimersAsync()
  await call
  expect(one.status()[0]).toMatchObject({ limit: 8, calls: 2, succeeded: 1, failures: { 'rate-limit': 1 } })
})
