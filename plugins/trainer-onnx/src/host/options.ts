import { Type, type Static, type TSchema } from '@dda-thinker/plugin-api'
import { Value } from 'typebox/value'
import { TAG_NAME } from '@dda-thinker/plan-text'
import { DEFAULT_SIZE, type PolicyConfig } from '../policy/config.ts'
import type { LearnerSettings } from '../protocol/settings.ts'

const closed = { additionalProperties: false } as const
const group = <P extends Record<string, TSchema>>(properties: P, description: string) =>
  Type.Object(properties, { ...closed, default: {}, description })
const orNull = <S extends TSchema>(schema: S, fallback: unknown, description: string) =>
  Type.Union([schema, Type.Null()], { default: fallback, description })
const choice = <const T extends readonly string[]>(names: T, fallback: T[number], description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...names], default: fallback, description })
const number = (fallback: number, description: string, limits: { minimum?: number; maximum?: number } = {}) =>
  Type.Number({ default: fallback, description, ...limits })
const integer = (fallback: number, description: string, minimum = 1) =>
  Type.Integer({ default: fallback, description, minimum })

const schedule = (peak: number) => ({
  learningRate: number(peak, 'Learning rate at its peak.', { minimum: 0 }),
  schedule: choice(['constant', 'linear', 'cosine'], 'constant', 'How the learning rate falls after the warm-up.'),
  warmup: integer(0, 'Optimiser steps of linear warm-up.', 0),
  total: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Optimiser steps after which linear and cosine schedules stay at the floor.',
    }),
  ),
  floor: number(0, 'Learning rate at the end of the schedule.', { minimum: 0 }),
  maxGradientNorm: number(1, 'The gradient is scaled down to this Euclidean norm.', { minimum: 0 }),
})

type KlPlace = 'reward' | 'loss' | 'off'

/** What a policy of either kind, trained or frozen, is made of. */
const policyProperties = {
  weights: Type.String({
    default: 'base',
    description:
      "Weights to start from: 'base' (shipped), 'random', a .safetensors file, or a folder (checkpoint or export).",
  }),
  vocabulary: Type.Optional(
    Type.String({ description: 'Vocabulary file. Default: the one that ships with the plugin.' }),
  ),
  policy: group(
    {
      layers: integer(DEFAULT_SIZE.layers, 'Transformer blocks.'),
      width: integer(DEFAULT_SIZE.width, 'Width of the stream; a multiple of heads.'),
      heads: integer(DEFAULT_SIZE.heads, 'Attention heads.'),
      hidden: integer(DEFAULT_SIZE.hidden, 'Hidden width of the feed-forward layers.'),
      patchHidden: integer(DEFAULT_SIZE.patchHidden, 'Hidden width of the patch encoder.'),
      valueHidden: integer(DEFAULT_SIZE.valueHidden, 'Hidden width of the value head.'),
      maxPrompt: integer(DEFAULT_SIZE.maxPrompt, 'Most tokens of an instruction.'),
      maxPlan: integer(DEFAULT_SIZE.maxPlan, 'Most tokens of a plan, its end included.'),
      image: group(
        {
          columns: integer(DEFAULT_SIZE.image.columns, 'Windows across the image.'),
          rows: integer(DEFAULT_SIZE.image.rows, 'Windows down the image.'),
          window: number(DEFAULT_SIZE.image.window, 'Edge of a window in cells; above 1 windows overlap.', {
            minimum: 0.1,
          }),
          patch: integer(DEFAULT_SIZE.image.patch, 'Pixels of the edge that a window is resampled to.'),
        },
        'How the image is cut into patches.',
      ),
    },
    'Size of the network. Weights fit one size only.',
  ),
  tags: group(
    {
      reasoning: orNull(Type.String(TAG_NAME), 'look', 'Name of the block that explains; null: plans have none.'),
      plan: Type.String({ ...TAG_NAME, default: 'plan', description: 'Name of the block that the Editor is told.' }),
    },
    'Markup of a plan.',
  ),
  microBatch: integer(64, 'Plans in one call of the runtime, for sampling and training.'),
  provider: Type.String({ default: 'cpu', description: 'Execution provider of ONNX Runtime: cpu, cuda, ...' }),
  threads: Type.Optional(Type.Integer({ minimum: 1, description: 'Threads. Default: the cores at hand, at most 4.' })),
  samplingThreads: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Threads while sampling, if fewer leave a core for the Editor and the judges. Default: `threads`.',
    }),
  ),
  spin: Type.Boolean({
    default: false,
    description: 'Idle threads spin: about 10 % faster, but keeps the cores busy.',
  }),
}

export const thinkerOptions = Type.Object(
  {
    ...policyProperties,
    temperature: number(1, 'Sampling temperature of plans where a run names none; 0 is greedy.', { minimum: 0 }),
  },
  closed,
)

/** What both kinds of policy are made from. */
export type PolicyOptions = Static<ReturnType<typeof policyObject>>
const policyObject = () => Type.Object(policyProperties, closed)

export const trainerOptions = Type.Object(
  {
    ...policyProperties,
    advantage: choice(['gae', 'grpo', 'rloo', 'reinforce++'], 'gae', 'Advantage estimator; gae is PPO with a critic.'),
    gamma: number(1, 'Discount per token.', { minimum: 0, maximum: 1 }),
    lambda: number(0.95, 'Bias-variance trade-off of generalised advantage estimation.', { minimum: 0, maximum: 1 }),
    whiten: Type.Boolean({
      default: true,
      description: 'Whiten the advantages of a step (gae; reinforce++ always does).',
    }),
    groupCentre: choice(
      ['off', 'plan', 'prefix'],
      'off',
      'For gae, while the critic knows little: subtract first the mean advantage of the group, or at each token that ' +
        'of those plans of the group which are the same so far.',
    ),
    whitenVariance: choice(['unbiased', 'biased'], 'unbiased', 'Variance that whitening divides by.'),
    clip: group(
      {
        low: number(0.2, 'The ratio may fall to 1 - low.', { minimum: 0, maximum: 1 }),
        high: number(0.28, 'The ratio may rise to 1 + high.', { minimum: 0 }),
        dual: orNull(Type.Number({ exclusiveMinimum: 1 }), 3, 'Bound of dual-clip PPO; null: off.'),
        value: orNull(Type.Number({ exclusiveMinimum: 0 }), 0.2, 'How far a value may move in a step; null: freely.'),
      },
      'Clip ranges.',
    ),
    valueCoefficient: number(0.5, 'Weight of the value loss.', { minimum: 0 }),
    entropy: number(0.01, 'Weight of the entropy bonus.', { minimum: 0 }),
    kl: group(
      {
        place: Type.Optional(
          Type.Unsafe<KlPlace>({
            type: 'string',
            enum: ['reward', 'loss', 'off'],
            description:
              'Where the KL to the reference policy is charged. Default: in the loss for grpo and rloo, whose group baseline ' +
              'would make it as large as a reward wherever the rewards of a group are equal; else in the reward.',
          }),
        ),
        coefficient: number(0.02, 'Its coefficient, the first one where it adapts.', { minimum: 0 }),
        target: Type.Optional(
          Type.Number({
            exclusiveMinimum: 0,
            description: 'KL per token to steer to; makes the coefficient adaptive.',
          }),
        ),
        horizon: number(10_000, 'Rollouts over which the adaptive coefficient moves.', { minimum: 1 }),
        estimator: choice(['k1', 'abs', 'k2', 'k3'], 'k1', 'Estimator of the KL in the reward and in the metrics.'),
        lossEstimator: choice(['k1', 'abs', 'k2', 'k3', 'k3+'], 'k3', 'Estimator of the KL in the loss.'),
      },
      'KL to the reference policy: the weights before the first update.',
    ),
    oldLogProbs: choice(
      ['behaviour', 'recompute'],
      'behaviour',
      'Denominator of the ratio: as sampled, or computed again before the update.',
    ),
    epochs: integer(2, 'Passes over the rollouts of a step.'),
    miniBatch: integer(64, 'Rollouts in one optimiser step.'),
    aggregation: choice(
      ['token-mean', 'token-sum', 'seq-mean-token-sum', 'seq-mean-token-mean', 'seq-mean-token-sum-norm'],
      'token-mean',
      'How token losses become one number.',
    ),
    stopKl: orNull(Type.Number({ exclusiveMinimum: 0 }), null, 'Approximate KL that ends the passes of a step early.'),
    maxStaleness: integer(1, 'Updates by which a plan may be older than the policy.', 0),
    ...schedule(5e-4),
    rateFactors: group(
      {
        instruction: number(1, 'That of embeddings of words that no plan of the training has held.', { minimum: 0 }),
        critic: number(1, 'That of the value head.', { minimum: 0 }),
      },
      'Multiples of the learning rate in reinforcement learning. Words of instructions that learn faster change what a ' +
        'policy sets out to do sooner than how it does it.',
    ),
    adam: group(
      {
        beta1: number(0.9, 'Decay of the first moment.', { minimum: 0, maximum: 1 }),
        beta2: number(0.999, 'Decay of the second moment.', { minimum: 0, maximum: 1 }),
        epsilon: number(1e-5, 'Added to the root of the second moment.', { minimum: 0 }),
        weightDecay: number(0, 'Decoupled weight decay.', { minimum: 0 }),
      },
      'The optimiser.',
    ),
    imitation: group(schedule(1e-3), 'The supervised warm start.'),
    exportPrecision: choice(['F32', 'F16'], 'F32', 'Element type of exported weights.'),
  },
  closed,
)

export type ThinkerOptions = Static<typeof thinkerOptions>
/** All options, each with a value. */
export type TrainerOptions = Static<typeof trainerOptions> & { readonly kl: { readonly place: KlPlace } }

type DeepPartial<T> = { readonly [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> | T[K] : T[K] }

/** Some options of a trainer; the others take their defaults. */
export type PartialTrainerOptions = DeepPartial<TrainerOptions>
export type PartialThinkerOptions = DeepPartial<ThinkerOptions>

export function completeTrainerOptions(options: PartialTrainerOptions): TrainerOptions {
  const complete = Value.Default(trainerOptions, structuredClone(options)) as TrainerOptions
  const place = complete.kl.place ?? (['grpo', 'rloo'].includes(complete.advantage) ? 'loss' : 'reward')
  return { ...complete, kl: { ...complete.kl, place } }
}

export function completeThinkerOptions(options: PartialThinkerOptions): ThinkerOptions {
  return Value.Default(thinkerOptions, structuredClone(options)) as ThinkerOptions
}

function scheduleOf(options: Static<ReturnType<typeof scheduleObject>>) {
  const { schedule: kind, learningRate: peak, warmup, total, floor } = options
  return { kind, peak, warmup, floor, ...(total !== undefined && { total }) }
}

const scheduleObject = () => Type.Object(schedule(0))

/** The learner's settings of a trainer's options. @param seed of the run; random weights and shuffling come from it */
export function learnerSettings(
  options: TrainerOptions,
  config: PolicyConfig,
  seed: number,
  threads: number,
): LearnerSettings {
  const { clip, kl } = options
  const control =
    kl.target === undefined
      ? ({ kind: 'fixed', coefficient: kl.coefficient } as const)
      : ({ kind: 'adaptive', initial: kl.coefficient, target: kl.target, horizon: kl.horizon } as const)
  return {
    config,
    seed,
    microBatch: options.microBatch,
    session: {
      provider: options.provider,
      threads,
      samplingThreads: options.samplingThreads ?? threads,
      spin: options.spin,
    },
    adam: options.adam,
    imitation: {
      learningRate: scheduleOf(options.imitation),
      maxGradientNorm: options.imitation.maxGradientNorm,
    },
    ppo: {
      estimator: options.advantage,
      gamma: options.gamma,
      lambda: options.lambda,
      whiten: options.whiten,
      groupCentre: options.groupCentre,
      whitenVariance: options.whitenVariance,
      clipLow: clip.low,
      clipHigh: clip.high,
      dualClip: clip.dual,
      valueClip: clip.value,
      valueCoefficient: options.valueCoefficient,
      entropyCoefficient: options.entropy,
      kl: { place: kl.place, control, rewardEstimator: kl.estimator, lossEstimator: kl.lossEstimator },
      oldLogProbs: options.oldLogProbs,
      epochs: options.epochs,
      miniBatch: options.miniBatch,
      aggregation: options.aggregation,
      maxGradientNorm: options.maxGradientNorm,
      stopKl: options.stopKl,
      learningRate: scheduleOf(options),
      rateFactors: options.rateFactors,
    },
  }
}
