import { Type, type Static } from '@dda-thinker/plugin-api'
import { promptOption } from '@dda-thinker/engine-data'
import { choice, closed, flag, group, integer, number, orNull } from '@dda-thinker/ppo-options'

/** Aggregations of token losses that TRL has, by its own names. */
export const LOSS_TYPES = {
  'token-mean': 'dapo',
  'seq-mean-token-mean': 'grpo',
  'seq-mean-token-sum-norm': 'dr_grpo',
} as const

const AGGREGATIONS = ['token-mean', 'seq-mean-token-mean', 'seq-mean-token-sum-norm'] as const satisfies readonly [
  ...(keyof typeof LOSS_TYPES)[],
]

/**
 * Options of `trainer-trl`: what TRL's `GRPOTrainer` does of the vocabulary that trainers share (ppo-options), under the same names. What it
 * does not do has no option here, and is refused.
 */
export const trlOptions = Type.Object(
  {
    model: Type.String({ minLength: 1, description: 'A causal language model: a name on the hub, or a folder.' }),
    python: Type.String({
      minLength: 1,
      description: 'Interpreter of an environment with TRL 1.16 or newer and `dda-reward`.',
    }),
    device: choice(['auto', 'cpu'], 'auto', 'auto: what PyTorch finds.'),
    dtype: choice(['auto', 'float32', 'bfloat16'], 'auto', 'Of the weights; auto: as the model was saved.'),
    threads: Type.Optional(Type.Integer({ minimum: 1, description: "Of PyTorch on the CPU. Default: PyTorch's own." })),
    prompt: promptOption,
    maxPlan: integer(1024, 'Tokens of a plan at most.'),
    streams: group(
      {
        mode: choice(
          ['sum', 'normalized'],
          'sum',
          'sum: of the total (GRPO). normalized: each stream on its own, then added and whitened (GDPO).',
        ),
        weights: Type.Record(Type.String(), Type.Number({ minimum: 0 }), {
          default: {},
          description: 'Weight of each stream, by name; 1 where it is not named.',
        }),
      },
      'How the streams of the reward become an advantage.',
    ),
    clip: group(
      {
        low: number(0.2, 'The ratio may fall to 1 - low.', { minimum: 0, maximum: 1 }),
        high: number(0.28, 'The ratio may rise to 1 + high.', { minimum: 0 }),
        dual: orNull(
          Type.Number({ exclusiveMinimum: 1 }),
          3,
          'Bound of the ratio where the advantage is negative; null: off.',
        ),
      },
      'Clip ranges.',
    ),
    kl: group(
      {
        coefficient: number(0.02, 'Of the KL to the first policy, in the loss; 0: off, and no second copy of it.', {
          minimum: 0,
        }),
      },
      'KL to the reference policy.',
    ),
    entropy: number(0, 'Weight of the entropy bonus.', { minimum: 0 }),
    epochs: integer(1, 'Passes over the rollouts of a step.'),
    miniBatch: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Rollouts in one optimiser step. Default: all of the step.' }),
    ),
    microBatch: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Rollouts in one pass through the network. Default: `miniBatch`.' }),
    ),
    aggregation: choice(AGGREGATIONS, 'token-mean', 'How token losses become one number.'),
    learningRate: number(1e-6, 'Learning rate at its peak.', { minimum: 0 }),
    schedule: choice(
      ['constant', 'linear', 'cosine'],
      'constant',
      'How it falls over the steps of the run after the warm-up.',
    ),
    warmup: integer(0, 'Optimiser steps of linear warm-up.', 0),
    maxGradientNorm: number(1, 'The gradient is scaled down to this Euclidean norm.', { minimum: 0 }),
    adam: group(
      {
        beta1: number(0.9, 'Decay of the first moment.', { minimum: 0, maximum: 1 }),
        beta2: number(0.999, 'Decay of the second moment.', { minimum: 0, maximum: 1 }),
        epsilon: number(1e-8, 'Added to the root of the second moment.', { minimum: 0 }),
        weightDecay: number(0, 'Decoupled weight decay.', { minimum: 0 }),
      },
      'The optimiser.',
    ),
    gradientCheckpointing: flag(true, 'Less memory for more time.'),
    deadline: group(
      {
        start: number(600, 'Seconds until the environment is imported.', { minimum: 1 }),
        rewards: number(900, 'Seconds for one reward.', { minimum: 1 }),
      },
      'How long things may take.',
    ),
  },
  closed,
)

export type TrlOptions = Static<typeof trlOptions>
