import { setImmediate as tick } from 'node:timers/promises'
import type { FailureKind } from '@dda-thinker/plugin-api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EndpointError } from './endpoint-error.ts'
import { EndpointPool, type EndpointPoolOptions } from './endpoint-pool.ts'
import type { Endpoint } from './endpoint.ts'
import { RetryPolicy } from './retry-policy.ts'
import { sleep } from './sleep.ts'

const signal = new AbortController().signal
const TWO = ['http://dead', 'http://well']

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function pool(options: Partial<EndpointPoolOptions> = {}): EndpointPool {
  const retry = new RetryPolicy({ attempts: 5, baseDelayMs: 500, random: () => 0 })
  return new EndpointPool({ urls: ['http://a'], retry, ...options })
}

type Fault = { readonly kind?: FailureKind; readonly status?: number; readonly retryAfterMs?: number }

const refused = () =>
  new EndpointError('DDA_ENDPOINT_CONNECTION', 'refused', { kind: 'connection', unreachable: true, next: '-' })
const fault = ({ kind = 'server', ...more }: Fault = {}) =>
  new EndpointError('DDA_ENDPOINT_SERVER', `${kind} ${more.status ?? ''}`, { kind, next: '-', ...more })

/** Runs `count` calls as an engine does, so many at once as the pool has places, and gives what became of them. */
async function run(one: EndpointPool, work: (endpoint: Endpoint) => Promise<unknown>, count: number, minutes = 30) {
  const results: unknown[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++
      results[index] = await one.run(work, { signal }).catch((error: unknown) => error)
    }
  }
  const workers = Promise.all(Array.from({ length: one.concurrency }, worker))
  await vi.advanceTimersByTimeAsync(minutes * 60_000)
  await workers
  return results
}

test('two replicas, one dead, a place each, slow edits: every call ends at the one that works', async () => {
  const asked: Record<string, number> = {}
  const one = pool({ urls: TWO })
  const results = await run(
    one,
    async ({ url }) => {
      asked[url] = (asked[url] ?? 0) + 1
      if (url === 'http://dead') throw refused()
      await sleep(4000, signal)
      return url
    },
    6,
  )
  expect(results).toEqual(Array.from({ length: 6 }, () => 'http://well'))
  // One refusal keeps the others away; what comes after are single trials, further and further apart.
  expect(asked['http://dead']).toBeLessThan(6)
})

test('many dead replicas cost no attempts, however few those are', async () => {
  const urls = Array.from({ length: 9 }, (_, i) => `http://dead-${i}`)
  const retry = new RetryPolicy({ attempts: 2, baseDelayMs: 500, random: () => 0 })
  const one = pool({ urls: [...urls, 'http://well'], retry })
  const work = async ({ url }: Endpoint): Promise<string> => {
    if (url !== 'http://well') throw refused()
    await sleep(60_000, signal)
    return url
  }
  expect(new Set(await run(one, work, 12))).toEqual(new Set(['http://well']))
})

test.each([
  ['refuses connections', refused],
  ['loses connections', () => fault({ kind: 'connection' })],
  ['is behind a gateway that answers 502', () => fault({ status: 502 })],
  ['loads its model and answers 503', () => fault({ status: 503 })],
  ['has a broken engine and answers 500', () => fault({ status: 500 })],
])('a server that %s for 45 s costs waiting and no call', async (_name, error) => {
  const begun = performance.now()
  const work = async (): Promise<string> => {
    const at = performance.now() - begun
    if (at > 4000 && at < 49_000) throw error()
    await sleep(2000, signal)
    // It may fall while it works.
    const end = performance.now() - begun
    if (end > 4000 && end < 49_000) throw error()
    return 'done'
  }
  const told: (string | undefined)[] = []
  const one = pool({ perEndpoint: 2, onOutage: (reason) => told.push(reason) })
  expect(await run(one, work, 6)).toEqual(Array.from({ length: 6 }, () => 'done'))
  expect(told).toEqual([expect.any(String), undefined])
})

test('a call is not given up while a trial is under way, however long that takes', async () => {
  const begun = performance.now()
  const one = pool({ perEndpoint: 2, giveUpAfterMs: 120_000 })
  const work = async (): Promise<string> => {
    if (performance.now() - begun < 45_000) throw refused()
    await sleep(300_000, signal)
    return 'done'
  }
  expect(await run(one, work, 4)).toEqual(Array.from({ length: 4 }, () => 'done'))
})

test('a request that no server survives fails alone, with its own error, while others go on', async () => {
  const retry = new RetryPolicy({ attempts: 7, baseDelayMs: 500, random: () => 0 })
  const one = pool({ retry, perEndpoint: 2 })
  let calls = 0
  const poison = one.run(
    () => {
      calls += 1
      return Promise.reject(fault({ status: 500 }))
    },
    { signal },
  )
  const settled = expect(poison).rejects.toMatchObject({ code: 'DDA_ENDPOINT_SERVER' })
  await vi.advanceTimersByTimeAsync(110_000)
  await settled
  expect(calls).toBe(7)
  expect(await run(one, () => Promise.resolve('good'), 2)).toEqual(['good', 'good'])
})

test('several such requests at the end are masked by their own error; what comes after them stops', async () => {
  const one = pool({ perEndpoint: 2, giveUpAfterMs: 120_000 })
  const results = await run(one, () => Promise.reject(fault({ status: 500 })), 3)
  expect(results.map((error) => (error as EndpointError).code).toSorted()).toEqual([
    'DDA_ENDPOINT_DOWN',
    'DDA_ENDPOINT_SERVER',
    'DDA_ENDPOINT_SERVER',
  ])
})

test('one attempt is one attempt: nothing is waited for', async () => {
  const one = pool({ retry: new RetryPolicy({ attempts: 1 }) })
  await expect(one.run(() => Promise.reject(refused()), { signal })).rejects.toThrow('refused')
})

test('no cool-down makes no storm', async () => {
  const work = vi.fn(() => Promise.reject(refused()))
  const one = pool({ breaker: { cooldownMs: 0 }, giveUpAfterMs: 10_000 })
  const [error] = await run(one, work, 1)
  expect((error as EndpointError).code).toBe('DDA_ENDPOINT_DOWN')
  expect(work.mock.calls.length).toBeLessThan(60)
})

test('the delay is never shorter than the own one, where a server asks for none', async () => {
  const begun = performance.now()
  const at: number[] = []
  const [error] = await run(
    pool({ giveUpAfterMs: 0 }),
    () => {
      at.push(performance.now() - begun)
      return Promise.reject(fault({ kind: 'rate-limit', retryAfterMs: 0 }))
    },
    1,
  )
  expect((error as EndpointError).kind).toBe('rate-limit')
  expect(at.map((time) => Math.round(time / 50) * 50)).toEqual([0, 250, 750, 1750, 3750])
})

const limited = (more: Fault = {}) => fault({ kind: 'rate-limit', status: 429, ...more })

test.each([
  ['says nothing of a time', {}],
  ['asks for a second each time', { retryAfterMs: 1000 }],
  ['is too busy', { status: 529 }],
])('a rate limit that %s is waited for beyond the attempts, and costs no call', async (_name, more: Fault) => {
  const begun = performance.now()
  const told: (string | undefined)[] = []
  const work = vi.fn(async (): Promise<string> => {
    if (performance.now() - begun < 100_000) throw limited(more)
    await sleep(1000, signal)
    return 'done'
  })
  const one = pool({ perEndpoint: 2, onOutage: (reason) => told.push(reason) })
  expect(await run(one, work, 6)).toEqual(Array.from({ length: 6 }, () => 'done'))
  // Twice five attempts, and no storm.
  expect(work.mock.calls.length - 6).toBeGreaterThan(10)
  expect(work.mock.calls.length - 6).toBeLessThan(40)
  expect(told).toEqual([expect.any(String), undefined])
})

test('a rate limit takes none of the attempts that other failures have', async () => {
  const failures = [
    limited(),
    limited(),
    limited(),
    limited(),
    limited(),
    limited(),
    fault(),
    fault(),
    fault(),
    fault(),
  ]
  const work = async (): Promise<string> => {
    const next = failures.shift()
    if (next !== undefined) throw next
    return 'done'
  }
  expect(await run(pool({ breaker: { failures: 99 } }), work, 1)).toEqual(['done'])
})

test('rate limits for all, for too long, stop everything resumably, with the words of the server', async () => {
  const begun = performance.now()
  const one = pool({ perEndpoint: 2 })
  const results = await run(one, () => Promise.reject(limited()), 2)
  for (const error of results)
    expect(error).toMatchObject({ code: 'DDA_ENDPOINT_DOWN', kind: 'unavailable', stopsRun: true })
  expect((results[0] as Error).message).toContain('rate-limit 429')
  expect(performance.now() - begun).toBeGreaterThan(120_000)
})

test('a request that is too large for the limit fails alone, after waiting, while others go on', async () => {
  const one = pool({ perEndpoint: 2 })
  const alone = await run(one, () => Promise.reject(limited()), 1)
  expect(alone[0]).toMatchObject({ kind: 'rate-limit', stopsRun: false })
  const large = one.run(() => Promise.reject(limited()), { signal }).catch((error: unknown) => error)
  for (let minute = 0; minute < 3; minute += 1) {
    expect(await run(one, () => Promise.resolve('good'), 1, 1)).toEqual(['good'])
  }
  expect(await large).toMatchObject({ kind: 'rate-limit', stopsRun: false })
})

test('one attempt at a rate limit is one attempt', async () => {
  const work = vi.fn(() => Promise.reject(limited()))
  const one = pool({ retry: new RetryPolicy({ attempts: 1 }) })
  const results = await run(one, work, 2)
  expect(results.map((error) => (error as EndpointError).kind)).toEqual(['rate-limit', 'rate-limit'])
  expect(work).toHaveBeenCalledTimes(2)
})

test.each([601, 660, 86_400, 4_000_000])(
  'a pause of %d s stops everything at once, with the time, for the call and all later ones',
  async (seconds) => {
    vi.setSystemTime(new Date('2026-01-01T00:00:00Z'))
    const pauses: number[] = []
    const one = pool({ perEndpoint: 2, onPause: (_endpoint, ms) => pauses.push(ms) })
    const work = vi.fn(() => Promise.reject(fault({ kind: 'rate-limit', retryAfterMs: seconds * 1000 })))
    const begun = performance.now()
    const running = one.run(work, { signal }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(500)
    const first = await running
    const waiting = one.run(work, { signal }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(1000)
    for (const error of [first, await waiting]) {
      expect(error).toMatchObject({ code: 'DDA_ENDPOINT_PAUSED', kind: 'unavailable', stopsRun: true })
      const until = new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000).toISOString()
      expect((error as Error).message).toContain(until.replace('.000Z', 'Z'))
    }
    expect(performance.now() - begun).toBeLessThan(2000)
    expect([work.mock.calls.length, pauses]).toEqual([1, [seconds * 1000]])
  },
)

test('a pause that is bearable is waited for and told once', async () => {
  const pauses: number[] = []
  const begun = performance.now()
  const one = pool({ perEndpoint: 3, onPause: (_endpoint, ms) => pauses.push(ms) })
  const work = async (): Promise<number> => {
    const at = performance.now() - begun
    if (at < 300_000) throw fault({ kind: 'rate-limit', retryAfterMs: 300_000 - at })
    return at
  }
  const times = (await run(one, work, 3)) as number[]
  expect(times.every((time) => time >= 300_000 && time < 310_000)).toBe(true)
  expect(pauses).toEqual([300_000])
})

test('a long pause of one replica does not matter while another one works, nor do dead ones beside it matter for ever', async () => {
  const paused = async ({ url }: Endpoint): Promise<string> => {
    if (url === 'http://dead') throw fault({ kind: 'rate-limit', retryAfterMs: 9_000_000 })
    return url
  }
  expect(await run(pool({ urls: TWO }), paused, 4)).toEqual(Array.from({ length: 4 }, () => 'http://well'))
  const one = pool({ urls: TWO, giveUpAfterMs: 30_000 })
  const [error] = await run(
    one,
    async ({ url }) => {
      if (url === 'http://dead') throw fault({ kind: 'rate-limit', retryAfterMs: 9_000_000 })
      throw refused()
    },
    1,
    2,
  )
  expect(error).toMatchObject({ code: 'DDA_ENDPOINT_PAUSED' })
})

test('an end by the caller is an end, also in the middle of an outage', async () => {
  const controller = new AbortController()
  const one = pool()
  const call = one.run(() => Promise.reject(refused()), { signal: controller.signal })
  const settled = expect(call).rejects.toThrow('enough')
  await tick()
  await vi.advanceTimersByTimeAsync(5000)
  controller.abort(new Error('enough'))
  await settled
  expect(vi.getTimerCount()).toBe(0)
})

test('an answer that breaks off counts against the attempts of its own request, and against none while all of them do', async () => {
  const cut = () => new EndpointError('DDA_ENDPOINT_TRUNCATED', 'broke off', { kind: 'connection', next: '-' })
  let asked = 0
  const alone = async (): Promise<string> => {
    asked += 1
    throw cut()
  }
  expect(await run(pool(), alone, 1)).toEqual([expect.objectContaining({ code: 'DDA_ENDPOINT_TRUNCATED' })])
  expect(asked).toBe(5)

  const begun = performance.now()
  const restarting = async (): Promise<string> => {
    if (performance.now() - begun < 45_000) throw cut()
    return 'ok'
  }
  expect(await run(pool({ perEndpoint: 3 }), restarting, 6)).toEqual(Array.from({ length: 6 }, () => 'ok'))
})
