import { type Static, Type } from '@dda-thinker/plugin-api'
import { promptOption } from '@dda-thinker/engine-data'
import { choice, closed, flag, group, integer, number } from '@dda-thinker/ppo-options'

/**
 * Options of `trainer-verl`: what verl's V1 trainer does of the vocabulary that trainers share (ppo-options), under the same names, and
 * where it runs. What it does not do has no option here, and is refused.
 */
export const verlOptions = Type.Object(
  {
    model: Type.String({
      minLength: 1,
      description: 'A name on the hub, or a folder that the machines of the cluster see.',
    }),
    pictures: flag(true, 'The policy sees the source pictures.'),
    ray: Type.Optional(
      Type.Object(
        {
          address: Type.String({
            pattern: '^https?://',
            description: 'Of the dashboard of a Ray cluster: http://head:8265. Jobs are submitted there.',
          }),
          tokenEnv: Type.Optional(
            Type.String({ minLength: 1, description: 'Environment variable with the bearer token of the dashboard.' }),
          ),
        },
        closed,
      ),
    ),
    python: Type.String({
      minLength: 1,
      default: 'python3',
      description: 'Interpreter with verl 0.9 and `dda-reward`: of this machine, or with `ray` of the cluster.',
    }),
    storage: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Folder for data and checkpoints that every machine sees under this path. Default: within the run.',
      }),
    ),
    rewards: group(
      {
        host: Type.Optional(
          Type.String({ minLength: 1, description: 'Address to offer rewards on. Default 127.0.0.1.' }),
        ),
        port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'Default: a free one.' })),
        url: Type.Optional(
          Type.String({ pattern: '^https?://', description: 'What the cluster calls. Default: of host and port.' }),
        ),
      },
      'How the machines of the cluster come to the rewards of this one.',
    ),
    nodes: integer(1, 'Machines.'),
    gpus: integer(8, 'GPUs of each.'),
    rollout: choice(['vllm', 'sglang'], 'vllm', 'What verl samples with.'),
    tensorParallel: integer(1, 'GPUs that share a model while it samples.'),
    prompt: promptOption,
    maxPrompt: integer(4096, 'Tokens of a prompt at most, pictures included; verl stops at a longer one.'),
    maxPlan: integer(1024, 'Tokens of a plan at most.'),
    advantage: choice(
      ['gae', 'grpo', 'rloo', 'reinforce++'],
      'grpo',
      'Advantage estimator; gae is PPO with a critic, for policies without pictures alone.',
    ),
    streams: group(
      {
        mode: choice(
          ['sum', 'normalized'],
          'sum',
          'sum: of the total. normalized (GDPO) is refused: see the handbook.',
        ),
      },
      'How the streams of the reward become an advantage.',
    ),
    gamma: number(1, 'Discount per token, of gae and reinforce++.', { minimum: 0, maximum: 1 }),
    lambda: number(1, 'Bias against variance, of gae.', { minimum: 0, maximum: 1 }),
    critic: group(
      {
        learningRate: number(1e-5, 'Of the critic.', { minimum: 0 }),
        warmup: integer(0, 'Steps that teach it alone.', 0),
      },
      'The critic of gae: a copy of the model with a head for values.',
    ),
    clip: group(
      {
        low: number(0.2, 'The ratio may fall to 1 - low.', { minimum: 0, maximum: 1 }),
        high: number(0.28, 'The ratio may rise to 1 + high.', { minimum: 0 }),
        dual: Type.Number({ exclusiveMinimum: 1, default: 3, description: 'Bound of dual-clip PPO.' }),
        value: Type.Number({
          exclusiveMinimum: 0,
          default: 0.5,
          description: 'How far a value may move in a step, of gae.',
        }),
      },
      'Clip ranges.',
    ),
    kl: group(
      {
        place: choice(['loss', 'reward', 'off'], 'loss', 'Where the KL to the first policy is charged.'),
        coefficient: number(0.02, 'Its coefficient.', { minimum: 0 }),
      },
      'KL to the reference policy.',
    ),
    entropy: number(0, 'Weight of the entropy bonus.', { minimum: 0 }),
    epochs: integer(1, 'Passes over the rollouts of a step.'),
    miniBatch: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Rollouts in one optimiser step. Default: all of the step.' }),
    ),
    microBatchTokens: integer(16_384, 'Padded tokens in one pass of a GPU through the network.'),
    aggregation: choice(
      ['token-mean', 'token-sum', 'seq-mean-token-sum', 'seq-mean-token-mean', 'seq-mean-token-sum-norm'],
      'token-mean',
      'How token losses become one number.',
    ),
    learningRate: number(1e-6, 'Learning rate at its peak.', { minimum: 0 }),
    schedule: choice(['constant', 'cosine'], 'constant', 'How it falls over the steps of the run after the warm-up.'),
    warmup: integer(0, 'Optimiser steps of linear warm-up.', 0),
    maxGradientNorm: number(1, 'The gradient is scaled down to this Euclidean norm.', { minimum: 0 }),
    weightDecay: number(0, 'Decoupled weight decay.', { minimum: 0 }),
    overrides: Type.Array(Type.String({ pattern: '^\\+{0,2}[\\w.@/]+=' }), {
      default: [],
      description:
        "Further overrides of verl's configuration, in Hydra's form: `actor_rollout_ref.rollout.gpu_memory_utilization=0.6`.",
    }),
    deadline: group(
      {
        step: number(86_400, 'Seconds of one step, the start of the job included in the first.', { minimum: 1 }),
        rewards: number(900, 'Seconds for one reward.', { minimum: 1 }),
        poll: number(2, 'Seconds between two looks at the job.', { minimum: 0.01 }),
      },
      'How long things may take.',
    ),
  },
  closed,
)

export type VerlOptions = Static<typeof verlOptions>
