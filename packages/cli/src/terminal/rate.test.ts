import { expect, test } from 'vitest'
import { Rate } from './rate.ts'

function at() {
  let time = 100
  const rate = new Rate(() => time)
  return { rate, pass: (seconds: number) => (time += seconds) }
}

test('what was made by the time that it took, from the start on', () => {
  const { rate, pass } = at()
  rate.start()
  expect(rate.value()).toBeUndefined()
  pass(4)
  for (let i = 0; i < 10; i++) rate.add()
  expect(rate.value()).toBe(2.5)
})

test('what was long ago does not count, and a standstill is told', () => {
  const { rate, pass } = at()
  for (let i = 0; i < 600; i++) {
    rate.add()
    pass(0.1)
  }
  expect(rate.value()).toBeCloseTo(10, 0)
  pass(1000)
  expect(rate.value()).toBe(0)
})

test('of what has never come there is no rate, however long it is waited for', () => {
  const { rate, pass } = at()
  rate.start()
  pass(1000)
  expect(rate.value()).toBeUndefined()
})
