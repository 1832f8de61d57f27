import { existsSync } from 'node:fs'
import type { Trainer } from '@dda-thinker/plugin-api'
import {
  makePng,
  testPluginOptions,
  thinkerSuite,
  trainerSuite,
  type Rgb,
  type TrainerSuiteOptions,
  type TrainerVariant,
} from '@dda-thinker/testkit'
import { WarmWorkers } from '@dda-thinker/python-worker'
import { afterAll, beforeAll, describe, test, vi } from 'vitest'
import plugins, { createTorchThinker, createTorchTrainer, type TrainerOptions } from './index.ts'
import { buildModel, python, TINY } from './worker.fixture.ts'

// The machine may be busy, and every check is at least one open policy.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 })

const COLOURS: Readonly<Record<string, Rgb>> = { red: [255, 0, 0], green: [0, 200, 0], blue: [0, 0, 255] }
const warm = new WarmWorkers()

const inputs: TrainerSuiteOptions['inputs'] = (images) =>
  Promise.all(
    Object.entries(COLOURS).map(async ([id, rgb], i) => ({
      id,
      images: [await images.put(makePng({ width: 56 + 28 * i, height: 56, pixel: () => rgb }))],
      instruction: `paint it${' please'.repeat(i)}`,
    })),
  )

function tinyTrainer(
  variant: TrainerVariant,
  more: Pick<Partial<TrainerOptions>, 'device' | 'dtype'> = {},
  workers = warm,
): Trainer {
  const { estimator, aggregation, epochs, oneMiniBatch, microBatch, kl, entropy, streams } = variant
  const weights = variant.streamWeights ?? {}
  return createTorchTrainer(
    {
      ...TINY,
      // From the seed of the context, as the suite wants it.
      weights: 'random',
      ...more,
      miniBatch: oneMiniBatch === true ? 1000 : 5,
      epochs: epochs ?? 2,
      ...(microBatch !== undefined && { microBatch }),
      ...(estimator !== undefined && { advantage: estimator }),
      ...(aggregation !== undefined && { aggregation }),
      ...(kl !== undefined && { kl }),
      ...(entropy !== undefined && { entropy }),
      ...(streams !== undefined && { streams: { mode: streams, weights } }),
    },
    { connect: workers.connect },
  )
}

const letters = (text: string): number => (text.match(/[ -~]/g)?.length ?? 0) / Math.max(1, text.length)

const SUITE: Omit<TrainerSuiteOptions, 'test' | 'factory'> = {
  inputs,
  demonstration: ({ id }) => `<plan>paint the ${id}</plan>`.slice(0, 5),
  learning: {
    variant: { kl: { place: 'reward', coefficient: 0 } },
    steps: 20,
    reward: ({ text }) => letters(text),
    gain: 0.15,
  },
}

describe.skipIf(python === undefined)(`on the CPU${python === undefined ? ' (no Python environment)' : ''}`, () => {
  beforeAll(() => void buildModel())
  afterAll(() => warm.closeAll())
  trainerSuite({ test, factory: (variant) => tinyTrainer(variant), ...SUITE })
  describe('a frozen policy', () => {
    const factory = () => createTorchThinker(frozen(), { connect: warm.connect })
    thinkerSuite({ test, factory, inputs })
  })
})

const cuda = python !== undefined && existsSync('/dev/nvidiactl')
describe.skipIf(!cuda)(`on CUDA${cuda ? '' : ' (no CUDA device)'}`, () => {
  const onCuda = new WarmWorkers()
  beforeAll(() => void buildModel())
  afterAll(() => onCuda.closeAll())
  // In float32: the suite compares log-probabilities to 1e-4.
  const more = { device: 'cuda', dtype: 'float32' } as const
  trainerSuite({ test, factory: (variant) => tinyTrainer(variant, more, onCuda), ...SUITE })
})

/** The options of a Thinker among the tiny ones. */
function frozen() {
  const { gradientCheckpointing, freezeVision, learningRate, ...policy } = TINY
  void [gradientCheckpointing, freezeVision, learningRate]
  return policy
}

const { trainer, thinker } = plugins
if (trainer !== undefined) {
  testPluginOptions(test, trainer, {
    valid: [
      { options: { model: 'Qwen/Qwen3-VL-8B-Instruct' } },
      { options: { model: './export', lora: { rank: 8 }, advantage: 'grpo', kl: { place: 'loss', target: 0.01 } } },
      { options: { model: 'x/y', critic: { kind: 'model', model: 'x/z' }, schedule: 'cosine', total: 100 } },
    ],
    invalid: [
      { options: {}, code: 'DDA_CONFIG_INVALID' },
      { options: { model: 'x', advantage: 'gea' }, code: 'DDA_CONFIG_INVALID', at: 'advantage' },
      { options: { model: 'x', lora: { rnak: 8 } }, code: 'DDA_CONFIG_INVALID' },
      { options: { model: 'x', prompt: { user: 'edit it' } }, code: 'DDA_CONFIG_INVALID', at: 'prompt.user' },
      { options: { model: 'x', advantage: 'grpo', lambda: 0.9 }, code: 'DDA_CONFIG_INVALID' },
      { options: { model: 'x', advantage: 'rloo', critic: { warmup: 3 } }, code: 'DDA_CONFIG_INVALID' },
      { options: { model: 'x', kl: { place: 'reward', lossEstimator: 'k2' } }, code: 'DDA_CONFIG_INVALID' },
      { options: { model: 'x', floor: 1e-7 }, code: 'DDA_CONFIG_INVALID' },
      { options: { model: 'x', schedule: 'linear' }, code: 'DDA_CONFIG_INVALID' },
      { options: { model: 'x', temperature: 0.7 }, code: 'DDA_CONFIG_INVALID', at: 'temperature' },
      { options: { model: 'x', parallel: 'fsdp' }, code: 'DDA_CONFIG_INVALID' },
    ],
  })
}
if (thinker !== undefined) {
  testPluginOptions(test, thinker, {
    valid: [{ options: { model: 'Qwen/Qwen3-VL-8B-Instruct', temperature: 0 } }],
    invalid: [{ options: { model: 'x', lora: {} }, code: 'DDA_CONFIG_INVALID', at: 'lora' }],
  })
}
