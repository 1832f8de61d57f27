import { DdaError, type FailureKind } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { EndpointError } from './endpoint-error.ts'
import { retryAfterMs } from './retry-after.ts'
import { RetryPolicy } from './retry-policy.ts'

const failure = (kind: FailureKind, more: { transient?: boolean; retryAfterMs?: number } = {}) =>
  new EndpointError('DDA_ENDPOINT_SERVER', 'no', { kind, next: 'wait', ...more })

test.each(['timeout', 'rate-limit', 'server', 'connection'] as const)('%s is repeated, up to the attempts', (kind) => {
  const policy = new RetryPolicy({ attempts: 3, random: () => 0 })
  expect([1, 2, 3].map((calls) => policy.delayAfter(failure(kind), calls))).toEqual([250, 500, undefined])
})

test.each(['refusal', 'bad-input', 'unavailable', 'plugin-error', 'bad-output'] as const)('%s is final', (kind) => {
  expect(new RetryPolicy().delayAfter(failure(kind), 1)).toBeUndefined()
})

test('errors that are not ours are final', () => {
  expect(new RetryPolicy().delayAfter(new TypeError('bug'), 1)).toBeUndefined()
  expect(new RetryPolicy().delayAfter(new DdaError('DDA_X', 'no kind'), 1)).toBeUndefined()
})

test('a damaged answer is bought again once, whatever the attempts', () => {
  const policy = new RetryPolicy({ attempts: 9 })
  const damaged = failure('bad-output', { transient: true })
  expect(policy.delayAfter(damaged, 1)).toBeGreaterThan(0)
  expect(policy.delayAfter(damaged, 2)).toBeUndefined()
})

test('own delays double up to the maximum, between half and all of it', () => {
  const options = { attempts: 20, baseDelayMs: 100, maxDelayMs: 1000 }
  const least = new RetryPolicy({ ...options, random: () => 0 })
  const most = new RetryPolicy({ ...options, random: () => 1 - Number.EPSILON })
  expect([1, 2, 3, 4, 5, 6].map((calls) => least.delayAfter(failure('server'), calls))).toEqual([
    50, 100, 200, 400, 500, 500,
  ])
  expect(most.delayAfter(failure('server'), 6)).toBeCloseTo(1000)
})

test('the delay is the longer one of the own and what the server asks for', () => {
  const policy = new RetryPolicy({ random: () => 0 })
  expect(policy.delayAfter(failure('rate-limit', { retryAfterMs: 7000 }), 1)).toBe(7000)
  expect(policy.delayAfter(failure('rate-limit', { retryAfterMs: 0 }), 3)).toBe(1000)
  expect(policy.delayAfter(failure('rate-limit', { retryAfterMs: 100 }), 3)).toBe(1000)
})

test('reads every form of retry hint', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  expect(retryAfterMs({ 'retry-after': '3' })).toBe(3000)
  expect(retryAfterMs({ 'retry-after': '0.5' })).toBe(500)
  expect(retryAfterMs({ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, '', now)).toBe(9000)
  expect(retryAfterMs({ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, '', now)).toBe(0)
  expect(retryAfterMs({ 'retry-after-ms': '40', 'retry-after': '3' })).toBe(40)
  expect(retryAfterMs({}, '{"error":"slow down","retry_after": 2}')).toBe(2000)
  expect(retryAfterMs({ 'llm_provider-retry-after': '2' })).toBe(2000)
  expect(retryAfterMs({ 'llm_provider-retry-after-ms': '30', 'llm_provider-retry-after': '2' })).toBe(30)
  expect(retryAfterMs({}, '{"error":{"message":"slow","retry_after":"4"}}')).toBe(4000)
  expect(retryAfterMs({ 'retry-after': 'soon' }, 'busy')).toBeUndefined()
  expect(retryAfterMs({ 'retry-after': '-1' })).not.toBe(-1000)
})

test('a date is read by the clock of the server, however wrong ours is', () => {
  const headers = { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT', date: 'Thu, 01 Jan 2026 00:00:02 GMT' }
  for (const skew of [-86_400_000, 0, 86_400_000]) {
    expect(retryAfterMs(headers, '', Date.parse('2026-01-01T00:00:00Z') + skew)).toBe(7000)
  }
  expect(retryAfterMs({ ...headers, date: 'no date' }, '', Date.parse('2026-01-01T00:00:00Z'))).toBe(9000)
})

test('a hint counts by its place: text that the server only repeats is none', () => {
  const plan = 'Write "retry_after": 9000 on the board.'
  expect(retryAfterMs({}, JSON.stringify({ error: { message: `bad prompt: ${plan}` } }))).toBeUndefined()
  expect(retryAfterMs({}, `busy: ${plan}`)).toBeUndefined()
})
