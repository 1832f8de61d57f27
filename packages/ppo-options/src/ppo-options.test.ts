import { describe, expect, test } from 'vitest'
import { Type, withDefaults, type TrainerCapabilities } from '@dda-thinker/plugin-api'
import { checkTrainerOptions, settleTrainerOptions } from './check-options.ts'
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

const check = (given: Given, supports = ALL): void =>
  checkTrainerOptions(complete(given), { defaults: complete({}), supports })

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
    [{ streams: { weights: { visual: 2 } } }, 'streams.weights.visual'],
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

describe('what a preset says gives way to what is said above it', () => {
  const [PRESET, UPPER, PROJECT] = [1, 2, 3]
  /** @param said layer of the options that somebody said */
  const settle = (given: Given, said: Readonly<Record<string, number>>): PpoOptions =>
    settleTrainerOptions(
      withDefaults<PpoOptions>(schema, given),
      { defaults: complete({}), complete: completePpo },
      (option) => said[option] ?? 0,
    )
  const tuned: Given = { groupCentre: 'prefix', valueCoefficient: 0.1, clip: { value: 0.2, high: 0.3 } }
  const ofPreset = { groupCentre: PRESET, valueCoefficient: PRESET, 'clip.value': PRESET, 'clip.high': PRESET }
  const plain = (given: Given) => withDefaults<PpoOptions>(schema, given)

  test.each([PROJECT, UPPER])('and stands at its default, the rest as it is: layer %i', (layer) => {
    const settled = settle({ ...tuned, advantage: 'grpo' }, { ...ofPreset, advantage: layer })
    expect(settled).toEqual(plain({ advantage: 'grpo', clip: { high: 0.3 } }))
    expect(() => check(settled)).not.toThrow()
  })

  test('not to what the same preset says', () => {
    const given: Given = { ...tuned, advantage: 'grpo' }
    expect(settle(given, { ...ofPreset, advantage: PRESET })).toEqual(plain(given))
    expect(() => check(given)).toThrow(/`groupCentre`.*`clip.value`.*`valueCoefficient`/s)
  })

  test('and what is said beside it, or above, is an error as ever', () => {
    const given: Given = { ...tuned, advantage: 'grpo', lambda: 0.9 }
    const settled = settle(given, { ...ofPreset, advantage: UPPER, lambda: PROJECT })
    expect(settled).toEqual(plain({ advantage: 'grpo', clip: { high: 0.3 }, lambda: 0.9 }))
    expect(() => check(settled)).toThrow(
      expect.objectContaining({ location: 'trainer.lambda', message: expect.not.stringContaining('groupCentre') }),
    )
  })

  test('and stays where it has an effect', () => {
    expect(settle(tuned, ofPreset)).toEqual(plain(tuned))
    expect(settle(tuned, { ...ofPreset, advantage: PROJECT })).toEqual(plain(tuned))
  })

  test('also where it is another one that gave way', () => {
    const said = { 'kl.target': PRESET, 'kl.horizon': PRESET, 'kl.place': PROJECT }
    expect(settle({ kl: { place: 'off', target: 0.1, horizon: 5 } }, said)).toEqual(plain({ kl: { place: 'off' } }))
  })

  test('and where it has no default it is away', () => {
    const settled = settle({ total: 5, floor: 1e-6 }, { total: PRESET, floor: PRESET, schedule: PROJECT })
    expect(settled).toEqual(plain({}))
    expect(settled).not.toHaveProperty('total')
  })

  test.each<readonly [given: Given, above: string, settled: Given]>([
    [{ schedule: 'cosine', total: 10, warmup: 16 }, 'total', { schedule: 'cosine', total: 10 }],
    [
      { schedule: 'cosine', total: 90, floor: 2e-5, learningRate: 1e-5 },
      'learningRate',
      { schedule: 'cosine', total: 90, learningRate: 1e-5 },
    ],
  ])('and so does a course that no longer fits: %j', (given, above, expected) => {
    const said = Object.fromEntries(Object.keys(given).map((key) => [key, key === above ? PROJECT : PRESET]))
    expect(settle(given, said)).toEqual(plain(expected))
  })

  test('a name with a dot is no path: the group is said by whoever says one of it', () => {
    const given: Given = { streams: { mode: 'sum', weights: { 'a.b': 2 } } }
    expect(() => check(settle(given, { 'streams.weights': PROJECT, 'streams.mode': PROJECT }))).toThrow(
      expect.objectContaining({ location: 'trainer.streams.weights' }),
    )
    expect(settle(given, { 'streams.weights': PRESET, 'streams.mode': PROJECT })).toEqual(plain({}))
  })

  test('key by key of a group', () => {
    const given: Given = { streams: { mode: 'sum', weights: { visual: 2, format: 3 } } }
    const said = { 'streams.mode': PROJECT, 'streams.weights.visual': PRESET, 'streams.weights.format': PROJECT }
    expect(settle(given, said)).toEqual(plain({ streams: { weights: { format: 3 } } }))
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
