import { Type, withDefaults, type DeepPartial, type Static } from '@dda-thinker/plugin-api'
import { TAG_NAME } from '@dda-thinker/plan-text'
import {
  choice,
  closed,
  completePpo,
  group,
  integer,
  number,
  orNull,
  ppoOptions,
  type KlPlace,
  schedule,
} from '@dda-thinker/ppo-options'
import { DEFAULT_SIZE, type PolicyConfig } from '../policy/config.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import { sessionSettings } from './session-settings.ts'

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
  microBatch: integer(
    32,
    'Plans in one call of the runtime, for sampling and training: what is spread over the workers.',
  ),
  provider: Type.String({ default: 'cpu', description: 'Execution provider of ONNX Runtime: cpu, cuda, ...' }),
  workers: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 64,
      description:
        'Replicas of the network that share the micro-batches, each in a thread of its own; results do not depend on it, bit for bit. ' +
        'Default: the cores at hand over `threads`, at most 4; 1 for a network that is too small to gain, or with another provider than cpu.',
    }),
  ),
  threads: integer(1, 'Threads inside an operator, of each worker. Results do not depend on it.'),
  samplingThreads: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Threads inside an operator while sampling. Default: `threads`.',
    }),
  ),
  spin: Type.Boolean({
    default: false,
    description: 'Idle threads of an operator spin: about 10 % faster, but keeps the cores busy.',
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
    ...ppoOptions({
      learningRate: 5e-4,
      imitationLearningRate: 1e-3,
      entropy: 0.01,
      epochs: 2,
      adamEpsilon: 1e-5,
    }),
    critic: group(
      {
        kind: choice(
          ['head', 'trunk'],
          'head',
          "head: on the policy's own trunk, and trained with it; trunk: a network of its own, which begins as the policy does.",
        ),
        passes: integer(4, 'Of a trunk of its own: passes over the rollouts of a step, after those of the policy.'),
        learningRate: number(3e-4, 'Of a trunk of its own; constant.', { minimum: 0 }),
        maxGradientNorm: number(1, 'Of a trunk of its own: norm that its gradient is scaled down to.', {
          minimum: 0,
        }),
      },
      'The critic (gae only).',
    ),
    rateFactors: group(
      {
        instruction: number(1, 'That of embeddings of words that no plan of the training has held.', { minimum: 0 }),
        critic: number(10, 'That of the value head.', { minimum: 0 }),
      },
      'Multiples of the learning rate in reinforcement learning. Words of instructions that learn faster change what a ' +
        'policy sets out to do sooner than how it does it.',
    ),
    exportPrecision: choice(['F32', 'F16'], 'F32', 'Element type of exported weights.'),
  },
  closed,
)

export type ThinkerOptions = Static<typeof thinkerOptions>
/** All options, each with a value. */
export type TrainerOptions = Static<typeof trainerOptions> & { readonly kl: { readonly place: KlPlace } }

/** Some options of a trainer; the others take their defaults. */
export type PartialTrainerOptions = DeepPartial<TrainerOptions>
export type PartialThinkerOptions = DeepPartial<ThinkerOptions>

export function completeTrainerOptions(options: PartialTrainerOptions): TrainerOptions {
  return completePpo(withDefaults<TrainerOptions>(trainerOptions, options))
}

export function completeThinkerOptions(options: PartialThinkerOptions): ThinkerOptions {
  return withDefaults<ThinkerOptions>(thinkerOptions, options)
}

function scheduleOf(options: Static<ReturnType<typeof scheduleObject>>) {
  const { schedule: kind, learningRate: peak, warmup, total, floor } = options
  return { kind, peak, warmup, floor, ...(total !== undefined && { total }) }
}

const scheduleObject = () => Type.Object(schedule(0))

/** Has the critic a network of its own? */
export function hasOwnCritic({ advantage, critic }: Pick<TrainerOptions, 'advantage' | 'critic'>): boolean {
  return advantage === 'gae' && critic.kind === 'trunk'
}

function ownCritic(options: TrainerOptions): LearnerSettings['critic'] {
  if (!hasOwnCritic(options)) return undefined
  const { passes, learningRate: peak, maxGradientNorm } = options.critic
  return { passes, learningRate: { kind: 'constant', peak, warmup: 0, floor: 0 }, maxGradientNorm }
}

/** The learner's settings of a trainer's options. @param seed of the run; random weights and shuffling come from it */
export function learnerSettings(options: TrainerOptions, config: PolicyConfig, seed: number): LearnerSettings {
  const { clip, kl } = options
  const control =
    kl.target === undefined
      ? ({ kind: 'fixed', coefficient: kl.coefficient } as const)
      : ({ kind: 'adaptive', initial: kl.coefficient, target: kl.target, horizon: kl.horizon } as const)
  return {
    config,
    seed,
    microBatch: options.microBatch,
    session: sessionSettings(options, config),
    adam: options.adam,
    critic: ownCritic(options),
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
      importanceCap: options.importanceCap,
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
