import { expect, test } from 'vitest'
import { CircuitBreaker } from './circuit-breaker.ts'

test('opens after failures in a row and lets one trial through after the cool-down', () => {
  const breaker = new CircuitBreaker({ failures: 2, cooldownMs: 100 })
  breaker.onFailure(0, breaker.take())
  expect(breaker.allows(0)).toBe(true)
  breaker.onFailure(1, breaker.take())
  expect(breaker.allows(100)).toBe(false)
  expect(breaker.opensAt()).toBe(101)
  expect(breaker.allows(101)).toBe(true)
  expect(breaker.take()).toBe(true)
  expect(breaker.allows(101)).toBe(false)
  expect(breaker.opensAt()).toBeUndefined()
})

test('a success in between starts the count anew', () => {
  const breaker = new CircuitBreaker({ failures: 2 })
  breaker.onFailure(0, false)
  breaker.onSuccess()
  breaker.onFailure(1, false)
  expect(breaker.state).toBe('closed')
})

test('failed trials wait twice as long each time, up to the maximum; a good one closes', () => {
  const breaker = new CircuitBreaker({ failures: 1, cooldownMs: 100, maxCooldownMs: 300 })
  breaker.onFailure(0, false)
  breaker.onFailure(100, breaker.take())
  expect(breaker.opensAt()).toBe(300)
  breaker.onFailure(300, breaker.take())
  expect(breaker.opensAt()).toBe(600)
  expect(breaker.failingSince).toBe(0)
  breaker.take()
  breaker.onSuccess()
  expect([breaker.state, breaker.failingSince]).toEqual(['closed', undefined])
})

test('late failures of calls from before do not prolong the cool-down', () => {
  const breaker = new CircuitBreaker({ failures: 1, cooldownMs: 100 })
  breaker.onFailure(0, false)
  breaker.onFailure(90, false)
  expect(breaker.opensAt()).toBe(100)
})

test('an aborted trial gives its pass back', () => {
  const breaker = new CircuitBreaker({ failures: 1, cooldownMs: 0 })
  breaker.onFailure(0, false)
  breaker.release(breaker.take())
  expect(breaker.allows(0)).toBe(true)
})
