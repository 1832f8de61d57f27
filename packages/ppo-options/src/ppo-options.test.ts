import { describe, expect, test } from 'vitest'
import { Type, withDefaults, type TrainerCapabilities } from '@dda-thinker/plugin-api'
import { checkTrainerOptions } from './check-options.ts'
import { checkTrainingSettings } from './check-settings.ts'
import { completePpo, ppoOptions, type PpoOptions } from './ppo-options.ts'

const schema = Type.Object(
  ppoOptions({ learningRate: 1e-4, imitationLearningRate: 1e-3, entropy: 0, epochs: 1, adamEpsilon: 1e-8 }),
)

type Given = {
  readonly [K in keyof PpoOptions]?: PpoOptions[K] extends object ? Partial<PpoOptions[K]> : PpoOptions[K]
}

const complete = (given: Given): PpoOptions => completePpo(withDefaults<PpoOptions>(schema, given))

const ALL: TrainerCapabilities = {
  estimators: ['gae', 'grpo', 'rloo', 'reinforce++'],
  critic: true,
  groupCentre: ['plan', 'prefix'],
  streams: ['normalized', 'split'],
  images: true,
  lora: false,
  klPlace: ['reward', 'loss'],
  lossAggregation: ['token-mean', 'token-sum', 'seq-mean-token-sum', 'seq-mean-token-mean', 'seq-mean-token-sum-norm'],
}

const check = (given: Given, supports = ALL, inherited: readonly string[] = []): PpoOptions =>
  checkTrainerOptions(complete(given), {
    defaults: complete({}),
    supports,
    isInherited: (option) => inherited.includes(option),
  })

test.each([
  ['gae', 'reward'],
  ['reinforce++', 'reward'],
  ['grpo', 'loss'],
  ['rloo', 'loss'],
] as const)('with %s the KL is charged in the %s', (advantage, place) => {
  expect(complete({ advantage }).kl.place).toBe(place)
  expect(complete({ advantage, kl: { place: 'off' } }).kl.place).toBe('off')
  expect(complete({ advantage, kl: { place: 'reward' } }).kl.place).toBe('reward')
})

describe('an option that would have no effect is refused', () => {
  test.each<readonly [given: Given, place: string]>([
    [{ advantage: 'grpo', lambda: 0.9 }, 'lambda'],
    [{ advantage: 'rloo', groupCentre: 'plan' }, 'groupCentre'],
    [{ advantage: 'reinforce++', clip: { value: 0.2 } }, 'clip.value'],
    [{ advantage: 'grpo', valueCoefficient: 1 }, 'valueCoefficient'],
    [{ advantage: 'reinforce++', whiten: false }, 'whiten'],
    [{ advantage: 'grpo', gamma: 0.9 }, 'gamma'],
    [{ advantage: 'rloo', whitenVariance: 'biased' }, 'whitenVariance'],
    [{ advantage: 'rloo', streams: { mode: 'split' }, whitenVariance: 'biased' }, 'whitenVariance'],
    [{ whiten: false, whitenVariance: 'biased' }, 'whitenVariance'],
    [{ kl: { place: 'off', coefficient: 1 } }, 'kl.coefficient'],
    [{ kl: { place: 'off', target: 1 } }, 'kl.target'],
    [{ kl: { horizon: 5 } }, 'kl.horizon'],
    [{ importanceCap: 5 }, 'importanceCap'],
    [{ kl: { lossEstimator: 'k2' } }, 'kl.lossEstimator'],
    [{ streams: { weights: { visual: 2 } } }, 'streams.weights'],
    [{ advantage: 'grpo', streams: { mode: 'normalized', planOnly: 0.4 } }, 'streams.planOnly'],
    [{ streams: { mode: 'split' } }, 'streams.weights'],
    [{ streams: { mode: 'normalized', weights: { cognitive: 1 } }, whiten: false }, 'whiten'],
    [{ total: 5 }, 'total'],
    [{ floor: 1e-6 }, 'floor'],
    [{ imitation: { total: 5 } }, 'imitation.total'],
    [{ schedule: 'cosine' }, 'schedule'],
    [{ imitation: { schedule: 'linear' } }, 'imitation.schedule'],
    [{ schedule: 'cosine', total: 10, warmup: 10 }, 'warmup'],
    [{ schedule: 'linear', total: 10, learningRate: 1e-4, floor: 2e-4 }, 'floor'],
    [{ imitation: { schedule: 'linear', total: 10, warmup: 11 } }, 'imitation.warmup'],
    [{ imitation: { schedule: 'cosine', total: 10, learningRate: 1e-4, floor: 1e-3 } }, 'imitation.floor'],
  ])('%j', (given, place) => {
    expect(() => check(given)).toThrow(
      expect.objectContaining({ code: 'DDA_CONFIG_INVALID', location: `trainer.${place}` }),
    )
  })

  test('and all of them are named', () => {
    expect(() => check({ advantage: 'grpo', lambda: 0.9, gamma: 0.9 })).toThrow(/`lambda`.*`gamma`/s)
  })
})

describe('what a preset alone says gives way to what the project says beside it', () => {
  const tuned: Given = { groupCentre: 'prefix', valueCoefficient: 0.1, clip: { value: 0.2, high: 0.3 } }
  const ofPreset = ['groupCentre', 'valueCoefficient', 'clip.value']

  test('and stands at its default, the rest as it is', () => {
    const settled = check({ ...tuned, advantage: 'grpo' }, ALL, ofPreset)
    expect(settled).toEqual(complete({ advantage: 'grpo', clip: { high: 0.3 } }))
    expect(() => check({ ...tuned, advantage: 'grpo' })).toThrow(/`groupCentre`.*`clip.value`.*`valueCoefficient`/s)
  })

  test('what the project says is an error as ever', () => {
    expect(() => check({ ...tuned, advantage: 'grpo', lambda: 0.9 }, ALL, ofPreset)).toThrow(
      expect.objectContaining({ location: 'trainer.lambda', message: expect.not.stringContaining('groupCentre') }),
    )
  })

  test('what has an effect stays', () => {
    expect(check(tuned, ALL, ofPreset)).toEqual(complete(tuned))
  })

  test('one that has no effect any more because another gave way does so too', () => {
    const given: Given = { kl: { place: 'off', target: 0.1, horizon: 5 } }
    const settled = check(given, ALL, ['kl.target', 'kl.horizon'])
    expect(settled).toEqual(complete({ kl: { place: 'off' } }))
    expect(check(settled)).toEqual(settled)
    expect(() => check(given, ALL, ['kl.target'])).toThrow(expect.objectContaining({ location: 'trainer.kl.horizon' }))
  })

  test('an option without a default is away', () => {
    const settled = check({ total: 5, floor: 1e-6 }, ALL, ['total', 'floor'])
    expect(settled).toEqual(complete({}))
    expect(settled).not.toHaveProperty('total')
  })
})

test.each<readonly [given: Given]>([
  [{}],
  [{ groupCentre: 'prefix', lambda: 1 }],
  [{ advantage: 'grpo', kl: { lossEstimator: 'k3+' } }],
  [{ advantage: 'reinforce++', gamma: 0.99, whitenVariance: 'biased' }],
  [{ kl: { target: 0.1, horizon: 5 } }],
  [{ advantage: 'rloo', streams: { mode: 'split', planOnly: 0.4, weights: { visual: 2 } } }],
  [{ advantage: 'grpo', streams: { mode: 'normalized' }, whitenVariance: 'biased' }],
  [{ schedule: 'linear', total: 100, floor: 1e-6, imitation: { schedule: 'cosine', total: 10 } }],
])('what has an effect is taken: %j', (given) => {
  expect(() => check(given)).not.toThrow()
})

test.each<readonly [given: Given, supports: Partial<TrainerCapabilities>, place: string]>([
  [{ advantage: 'reinforce++' }, { estimators: ['gae'] }, 'advantage'],
  [{ groupCentre: 'prefix' }, { groupCentre: ['plan'] }, 'groupCentre'],
  [{ kl: { place: 'loss' } }, { klPlace: ['reward'] }, 'kl.place'],
  [{ advantage: 'grpo', streams: { mode: 'split' } }, { streams: ['normalized'] }, 'streams.mode'],
  [{ aggregation: 'token-sum' }, { lossAggregation: ['token-mean'] }, 'aggregation'],
])('what the trainer does not support is refused: %j', (given, supports, place) => {
  expect(() => check(given, { ...ALL, ...supports })).toThrow(
    expect.objectContaining({
      code: 'DDA_CONFIG_INVALID',
      location: `trainer.${place}`,
      message: expect.stringContaining('not supported') as string,
    }),
  )
  expect(() => check(given)).not.toThrow()
})

test.each<readonly [given: Given, groupSize: number, sound: boolean]>([
  [{ advantage: 'grpo' }, 1, false],
  [{ advantage: 'rloo' }, 1, false],
  [{ groupCentre: 'plan' }, 1, false],
  [{ groupCentre: 'prefix' }, 1, false],
  [{}, 1, true],
  [{ advantage: 'reinforce++' }, 1, true],
  [{ advantage: 'grpo' }, 2, true],
  [{ groupCentre: 'prefix' }, 2, true],
])('%j learns from groups of %i: %s', (given, groupSize, sound) => {
  const refused = expect.objectContaining({ code: 'DDA_CONFIG_INVALID', location: 'train.groupSize' }) as Error
  const checked = expect(() => checkTrainingSettings(complete(given), { groupSize }))
  if (sound) checked.not.toThrow()
  else checked.toThrow(refused)
})
