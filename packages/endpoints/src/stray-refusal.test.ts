import type { FailureKind } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { EndpointError } from './endpoint-error.ts'
import { EndpointPool } from './endpoint-pool.ts'
import type { Endpoint } from './endpoint.ts'
import { RetryPolicy } from './retry-policy.ts'

const signal = new AbortController().signal
const ATTEMPTS = 4
const REFUSALS = [
  'DDA_ENDPOINT_KEY',
  'DDA_ENDPOINT_PAYMENT',
  'DDA_ENDPOINT_FORBIDDEN',
  'DDA_ENDPOINT_NOT_FOUND',
  'DDA_ENDPOINT_REDIRECT',
  'DDA_ENDPOINT_TLS',
] as const

function pool(urls: readonly string[] = ['http://a'], attempts = ATTEMPTS): EndpointPool {
  return new EndpointPool({ urls, retry: new RetryPolicy({ attempts, baseDelayMs: 1 }) })
}

function failure(code: `DDA_${string}`, kind: FailureKind = 'unavailable'): EndpointError {
  return new EndpointError(code, 'no', { kind, next: '-' })
}

/** Answers `ok` after these failures, and counts what it was asked. */
function script(...failures: readonly EndpointError[]) {
  const asked: string[] = []
  const work = async ({ url }: Endpoint): Promise<string> => {
    const failed = failures[asked.length]
    asked.push(url)
    if (failed !== undefined) throw failed
    return 'ok'
  }
  return { asked, work }
}

async function worked(urls?: readonly string[], attempts?: number): Promise<EndpointPool> {
  const one = pool(urls, attempts)
  await one.run(async () => 'ok', { signal })
  return one
}

test.each(REFUSALS)('%s before any success is final', async (code) => {
  const { asked, work } = script(failure('DDA_ENDPOINT_SERVER', 'server'), failure(code))
  await expect(pool().run(work, { signal })).rejects.toMatchObject({
    code,
    stopsRun: code !== 'DDA_ENDPOINT_FORBIDDEN',
  })
  expect(asked).toHaveLength(2)
})

test.each(REFUSALS)('%s after a success is tried again, and stands where every attempt meets it', async (code) => {
  const one = await worked()
  const stray = script(failure(code), failure(code))
  expect(await one.run(stray.work, { signal })).toBe('ok')
  const always = script(...Array.from({ length: 9 }, () => failure(code)))
  await expect(one.run(always.work, { signal })).rejects.toMatchObject({ code })
  expect(always.asked).toHaveLength(ATTEMPTS)
})

test('a call that also met another failure ends in that one, which stops nothing', async () => {
  const one = await worked()
  const key = failure('DDA_ENDPOINT_KEY')
  const { work } = script(key, failure('DDA_ENDPOINT_SERVER', 'server'), key, key)
  await expect(one.run(work, { signal })).rejects.toMatchObject({ code: 'DDA_ENDPOINT_SERVER', stopsRun: false })
})

test('without retries one refusal is every attempt', async () => {
  const one = await worked(undefined, 1)
  await expect(one.run(script(failure('DDA_ENDPOINT_KEY')).work, { signal })).rejects.toMatchObject({ stopsRun: true })
})

test('what one replica refuses another one does, however busy that is', async () => {
  const one = await worked(['http://bad1', 'http://good', 'http://bad2'])
  const met: string[] = []
  const work = async ({ url }: Endpoint): Promise<string> => {
    met.push(url)
    if (url.includes('bad')) throw failure('DDA_ENDPOINT_KEY')
    await new Promise((resolve) => setTimeout(resolve, 30))
    return 'ok'
  }
  const all = await Promise.all(Array.from({ length: 6 }, () => one.run(work, { signal })))
  expect(all).toEqual(Array.from({ length: 6 }, () => 'ok'))
  expect(met.filter((url) => url === 'http://good')).toHaveLength(6)
  // Nobody went back to one that had refused it.
  expect(met.filter((url) => url !== 'http://good').length).toBeLessThanOrEqual(12)
})
