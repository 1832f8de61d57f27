import { type TrainingSettings, withDefaults } from '@dda-thinker/plugin-api'
import { makeTrainingSettings, testPluginOptions } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import plugin from './index.ts'
import { grpoConfig, problemsOf, shapeOf } from './grpo-config.ts'
import { trlOptions, type TrlOptions } from './options.ts'
import { TrlTrainer } from './trl-trainer.ts'

const streams = ['cognitive', 'visual', 'format'].map((name) => ({ name, scopes: [] }))
const settings = makeTrainingSettings({
  steps: 10,
  checkpointEvery: 5,
  samplesPerStep: 4,
  groupSize: 8,
  temperature: 0.9,
  streams,
  samples: 100,
})
const job = { ...settings, seed: 7, firstStep: 1, reward: { url: 'http://127.0.0.1:1' } }
const need = { model: 'm/m', python: 'python3' }
const options = (given: object = {}): TrlOptions => withDefaults<TrlOptions>(trlOptions, { ...need, ...given })

testPluginOptions(test, plugin, {
  valid: [
    { name: 'the least', options: need },
    { name: 'GDPO', options: { ...need, streams: { mode: 'normalized' } } },
  ],
  invalid: [
    { name: 'no interpreter', options: { model: 'm' }, code: 'DDA_CONFIG_INVALID' },
    // What TRL's GRPOTrainer has no part for.
    { name: 'a critic', options: { ...need, advantage: 'gae' }, code: 'DDA_CONFIG_INVALID' },
    {
      name: 'divided groups',
      options: { ...need, streams: { mode: 'split' } },
      code: 'DDA_CONFIG_INVALID',
      at: 'streams.mode',
    },
    { name: 'an adaptive KL', options: { ...need, kl: { target: 1 } }, code: 'DDA_CONFIG_INVALID', at: 'kl.target' },
    {
      name: 'an aggregation',
      options: { ...need, aggregation: 'token-sum' },
      code: 'DDA_CONFIG_INVALID',
      at: 'aggregation',
    },
  ],
})

test('a step of ours is as many optimiser steps of TRL as it has mini-batches and passes', () => {
  const given = options({ epochs: 2, miniBatch: 16, microBatch: 4 })
  expect(shapeOf(given, settings)).toEqual({ batch: 32, miniBatch: 16, microBatch: 4, updates: 4 })
  expect(grpoConfig(given, job)).toMatchObject({
    max_steps: 40,
    num_generations: 8,
    per_device_train_batch_size: 4,
    gradient_accumulation_steps: 4,
    steps_per_generation: 8,
    num_iterations: 2,
    temperature: 0.9,
    seed: 7,
  })
})

test('GRPO and GDPO have their own ways to normalise', () => {
  expect(grpoConfig(options(), job)).toMatchObject({
    multi_objective_aggregation: 'sum_then_normalize',
    reward_weights: [1, 1, 1],
    loss_type: 'dapo',
    beta: 0.02,
    delta: 3,
  })
  const gdpo = options({ streams: { mode: 'normalized', weights: { visual: 2 } }, aggregation: 'seq-mean-token-mean' })
  expect(grpoConfig(gdpo, job)).toMatchObject({
    multi_objective_aggregation: 'normalize_then_sum',
    reward_weights: [1, 2, 1],
    loss_type: 'grpo',
  })
})

test.each<[string, object, Partial<TrainingSettings>]>([
  ['train.groupSize', {}, { groupSize: 1 }],
  ['miniBatch', { miniBatch: 5 }, {}],
  ['microBatch', { microBatch: 3 }, {}],
  ['train.samplesPerStep', {}, { samples: 3 }],
  ['train.order` prioritized', {}, { order: 'prioritized' }],
  ['train.order` curriculum', {}, { order: 'curriculum', samples: 39 }],
  ['train.filter', {}, { filter: true }],
  ['train.maxStaleness', {}, { maxStaleness: 1 }],
  ['no streams', {}, { streams: [] }],
  ['streams.weights', { streams: { weights: { visual: 2 } } }, {}],
  ['names sound', { streams: { mode: 'normalized', weights: { sound: 2 } } }, {}],
  ['clip.dual', { clip: { dual: 1.1 } }, {}],
])('refuses before anything starts what TRL would ignore: %s', (named, given, over) => {
  expect(problemsOf(options(), settings)).toEqual([])
  const problems = problemsOf(options(given), { ...settings, ...over })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(named)
  const trainer = new TrlTrainer(options(given), (path) => path)
  expect(() => trainer.check({ ...settings, ...over })).toThrow(
    expect.objectContaining({ code: 'DDA_CONFIG_INVALID', exit: 'usage' }),
  )
})

test('a curriculum that is walked through once is kept', () => {
  expect(problemsOf(options(), { ...settings, order: 'curriculum', samples: 40 })).toEqual([])
  expect(grpoConfig(options(), { ...job, order: 'curriculum' })).toMatchObject({ shuffle_dataset: false })
})

test('the fingerprint follows what is learned, not where', () => {
  const of = (given: object) => new TrlTrainer(options(given), (path) => path).fingerprint
  expect(of({ threads: 2, python: 'other', deadline: { start: 9 } })).toBe(of({}))
  expect(of({ learningRate: 1 })).not.toBe(of({}))
})
