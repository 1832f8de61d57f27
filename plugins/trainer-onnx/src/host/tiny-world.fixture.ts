import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DdaError,
  type ImageRef,
  type Plan,
  type RoleContext,
  type Rollout,
  type Thinker,
  type ThinkerInput,
  type TrainingBatch,
} from '@dda-thinker/plugin-api'
import sharp from 'sharp'
import { buildVocabulary } from '../policy/vocabulary-builder.ts'
import type { PartialTrainerOptions } from './options.ts'
import { createOnnxTrainer, type OnnxTrainer } from './trainer.ts'

/* A tiny world for tests of the trainer: pictures of one colour, a small vocabulary, a small network. */

const COLOURS = ['#ff0000', '#00ff00', '#0000ff', '#ffff00'] as const
const NAMES = ['red', 'green', 'blue', 'yellow'] as const

export const TINY_POLICY = {
  layers: 1,
  width: 32,
  heads: 2,
  hidden: 64,
  patchHidden: 16,
  valueHidden: 16,
  maxPrompt: 8,
  maxPlan: 12,
  image: { columns: 2, rows: 1, window: 1.25, patch: 4 },
} as const

export interface TinyWorld {
  readonly context: RoleContext
  readonly inputs: readonly ThinkerInput[]
  /** `<look>red</look> <plan>paint it red</plan>` for a red picture. */
  readonly demonstrations: readonly { readonly input: ThinkerInput; readonly text: string }[]
  readonly vocabulary: string
  readonly folder: string
  dispose(): void
}

export async function tinyWorld(seed = 7): Promise<TinyWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'dda-trainer-'))
  const blobs = new Map<string, Uint8Array>()
  const images: ImageRef[] = []
  for (const background of COLOURS) {
    const bytes = await sharp({ create: { width: 16, height: 8, channels: 3, background } })
      .png()
      .toBuffer()
    const hash = createHash('sha256').update(bytes).digest('hex')
    blobs.set(hash, bytes)
    images.push({ hash, mediaType: 'image/png', width: 16, height: 8 })
  }
  const questions = ['paint it', 'what colour is it']
  const inputs = Array.from({ length: 8 }, (_, i) => ({
    id: `sample-${i}`,
    images: images.slice(i % 4, (i % 4) + 1),
    instruction: questions[Math.floor(i / 4)] ?? '',
  }))
  const demonstrations = inputs.map((input, i) => ({
    input,
    text: `<look>${NAMES[i % 4]}</look>\n<plan>${i < 4 ? 'paint it' : 'it is'} ${NAMES[i % 4]}</plan>`,
  }))
  const vocabulary = join(folder, 'vocabulary.json')
  const words = buildVocabulary([...demonstrations.map(({ text }) => text), ...questions], {
    minCount: 1,
    phraseWords: 2,
  })
  writeFileSync(vocabulary, JSON.stringify(words.toFile()))
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined }
  const context: RoleContext = {
    images: {
      get: (image) => Promise.resolve(blobs.get(image.hash) ?? missing()),
      put: missing,
    },
    signal: new AbortController().signal,
    log,
    seed,
  }
  return {
    context,
    inputs,
    demonstrations,
    vocabulary,
    folder,
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function missing(): never {
  throw new DdaError('DDA_STORE_MISSING', 'no such image')
}

/** An open trainer with random weights on the tiny network. */
export async function tinyTrainer(world: TinyWorld, options: PartialTrainerOptions = {}): Promise<OnnxTrainer> {
  const trainer = createOnnxTrainer({
    weights: 'random',
    vocabulary: world.vocabulary,
    microBatch: 16,
    threads: 1,
    ...options,
    policy: { ...TINY_POLICY, ...options.policy },
  })
  await trainer.open?.(world.context)
  return trainer
}

export async function planAll(
  thinker: Thinker,
  inputs: readonly ThinkerInput[],
  options: { readonly perInput?: number; readonly seed?: number; readonly temperature?: number } = {},
): Promise<Plan[]> {
  const { perInput = 1, seed = 1 } = options
  const requests = inputs.flatMap((input, i) =>
    Array.from({ length: perInput }, (_, member) => ({
      id: `${input.id}/${member}`,
      input,
      seed: seed * 1000 + i * perInput + member,
      ...(options.temperature !== undefined && { temperature: options.temperature }),
    })),
  )
  const plans: Plan[] = []
  for await (const result of thinker.plan(requests, { signal: new AbortController().signal })) {
    if ('error' in result) throw result.error
    plans.push(result.plan)
  }
  return plans.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Rollouts of plans whose reward is a function of the plan. */
export function toBatch(
  step: number,
  inputs: readonly ThinkerInput[],
  plans: readonly Plan[],
  reward: (plan: Plan) => number,
): TrainingBatch {
  const rollouts = plans.map((plan): Rollout => {
    const total = reward(plan)
    return {
      id: plan.id,
      sampleId: plan.sampleId,
      group: plan.sampleId,
      member: Number(plan.id.split('/')[1]),
      plan,
      verdicts: [],
      reward: { total, components: {}, items: [], extras: { toy: total } },
      outcome: { kind: 'scored' },
    }
  })
  return { step, inputs, rollouts }
}

export const NEVER: AbortSignal = new AbortController().signal
