import { expect, test } from 'vitest'
import type { Spending } from './spending.ts'
import { estimateTraining, type TrainingSize } from './training-estimate.ts'

const size: TrainingSize = { steps: 10, samplesPerStep: 4, groupSize: 8, refills: 0, planOnly: 0, judges: 1 }
const measured: readonly Spending[] = [
  { stage: 'edit', plugin: 'openai', results: 10 },
  { stage: 'edit', plugin: 'openai', endpoint: 'http://a', calls: 12, ms: 50_000, money: 0.2 },
  { stage: 'judge', plugin: 'vlm', results: 20 },
  {
    stage: 'judge',
    plugin: 'vlm',
    endpoint: 'http://b',
    calls: 20,
    ms: 20_000,
    inputTokens: 18_000,
    outputTokens: 2_000,
  },
]

test('counts at most one edit a rollout and a judgement for each half', () => {
  expect(estimateTraining(size, [], {})).toEqual({
    rollouts: 320,
    stages: [
      { stage: 'edit', most: 320 },
      { stage: 'judge', most: 640 },
    ],
  })
})

test('a filter may draw groups again; a divided group buys fewer edits and asks each member one half', () => {
  expect(estimateTraining({ ...size, refills: 2 }, [], {})).toMatchObject({ rollouts: 960 })
  const { stages } = estimateTraining({ ...size, planOnly: 0.5 }, [], {})
  expect(stages.map(({ most }) => most)).toEqual([160, 320])
  // As the groups of a run are divided: three of five are asked for their plan alone.
  const odd = estimateTraining({ ...size, groupSize: 5, planOnly: 0.5 }, [], {})
  expect(odd.stages.map(({ most }) => most)).toEqual([80, 200])
})

test('scales what a result took and cost, failed calls included, over the places there are', () => {
  const estimate = estimateTraining(size, measured, { edit: 4, judge: 16 })
  expect(estimate.stages).toEqual([
    { stage: 'edit', most: 320, places: 4, secondsEach: 5, seconds: 400, money: 6.4 },
    { stage: 'judge', most: 640, places: 16, secondsEach: 1, seconds: 40, tokens: 640_000 },
  ])
  expect(estimate).toMatchObject({ seconds: 400, money: 6.4 })
})

test('a price stands in for what no run has measured, and nothing else is made up', () => {
  const estimate = estimateTraining(size, [], { edit: 4 }, 0.01)
  expect(estimate.money).toBeCloseTo(3.2)
  expect(estimate).not.toHaveProperty('seconds')
  // Results that were all taken from the cache measure nothing.
  expect(estimateTraining(size, [{ stage: 'edit', plugin: 'x', results: 0, ms: 0 }], { edit: 1 })).not.toHaveProperty(
    'seconds',
  )
})
