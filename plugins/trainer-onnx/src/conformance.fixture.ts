import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Trainer } from '@dda-thinker/plugin-api'
import { makePng, type Rgb, type TrainerSuiteOptions, type TrainerVariant } from '@dda-thinker/testkit'
import { buildVocabulary, createOnnxTrainer } from './index.ts'

/* The smallest policy that trains, for the Trainer suite: three pictures of one colour each, twelve words. */

const COLOURS: Readonly<Record<string, Rgb>> = { red: [255, 0, 0], green: [0, 200, 0], blue: [0, 0, 255] }
const INSTRUCTION = 'paint it'

const folder = mkdtempSync(join(tmpdir(), 'dda-conformance-'))
const vocabulary = join(folder, 'vocabulary.json')
const texts = [...Object.keys(COLOURS).map(demonstration), INSTRUCTION]
writeFileSync(vocabulary, JSON.stringify(buildVocabulary(texts, { minCount: 1, phraseWords: 2 }).toFile()))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

function demonstration(colour: string): string {
  return `<look>${colour}</look>\n<plan>paint it ${colour}</plan>`
}

export function smallTrainer(variant: TrainerVariant): Trainer {
  const { estimator, aggregation, epochs, oneMiniBatch, microBatch, kl, entropy, streams } = variant
  const weights = variant.streamWeights ?? {}
  return createOnnxTrainer({
    weights: 'random',
    vocabulary,
    threads: 1,
    microBatch: microBatch ?? 16,
    miniBatch: oneMiniBatch === true ? 1000 : 5,
    learningRate: 1e-2,
    policy: {
      layers: 1,
      width: 16,
      heads: 2,
      hidden: 32,
      patchHidden: 8,
      valueHidden: 8,
      maxPrompt: 4,
      maxPlan: 8,
      image: { columns: 2, rows: 1, window: 1, patch: 4 },
    },
    ...(estimator !== undefined && { advantage: estimator }),
    ...(aggregation !== undefined && { aggregation }),
    ...(epochs !== undefined && { epochs }),
    ...(kl !== undefined && { kl }),
    ...(entropy !== undefined && { entropy }),
    ...(streams !== undefined && { streams: { mode: streams, weights } }),
  })
}

export const SMALL: Omit<TrainerSuiteOptions, 'test' | 'factory'> = {
  probeBeforeOpen: true,
  inputs: (images) =>
    Promise.all(
      Object.entries(COLOURS).map(async ([id, rgb]) => ({
        id,
        images: [await images.put(makePng({ width: 8, height: 4, pixel: () => rgb }))],
        instruction: INSTRUCTION,
      })),
    ),
  demonstration: ({ id }) => demonstration(id),
  learning: {
    variant: { kl: { place: 'reward', coefficient: 0 } },
    steps: 25,
    reward: ({ text }) => (text.match(/red/g)?.length ?? 0) / 8,
    gain: 0.2,
  },
}
