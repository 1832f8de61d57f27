import { expect, test } from 'vitest'
import { learningRate, type Schedule } from './schedule.ts'

const rates = (schedule: Schedule, steps: readonly number[]): number[] =>
  steps.map((step) => Number(learningRate(schedule, step).toFixed(6)))

test('constant after a linear warm-up', () => {
  expect(rates({ kind: 'constant', peak: 1, warmup: 4 }, [0, 1, 3, 4, 1000])).toEqual([0.25, 0.5, 1, 1, 1])
})

test('linear falls to the floor and stays there', () => {
  const schedule = { kind: 'linear', peak: 1, warmup: 2, total: 10, floor: 0.2 } as const
  expect(rates(schedule, [0, 1, 2, 6, 10, 99])).toEqual([0.5, 1, 1, 0.6, 0.2, 0.2])
})

test('cosine is half way down in the middle', () => {
  const schedule = { kind: 'cosine', peak: 2, total: 8 } as const
  expect(rates(schedule, [0, 2, 4, 6, 8])).toEqual([2, 1.707107, 1, 0.292893, 0])
})

test('without a total nothing falls', () => {
  expect(rates({ kind: 'cosine', peak: 3 }, [0, 500])).toEqual([3, 3])
})
