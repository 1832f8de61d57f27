import type { ExternalJob, TrainingSettings } from '@dda-thinker/plugin-api'
import { ignoredOptions } from '@dda-thinker/ppo-options'
import { LOSS_TYPES, type TrlOptions } from './options.ts'
import { trlRules } from './trl-rules.ts'

/** Arguments of TRL's `GRPOConfig` (1.16). */
export type GrpoConfig = Readonly<Record<string, unknown>>

/** How a step of ours is cut into optimiser steps of TRL. */
export interface StepShape {
  /** Rollouts of a step. */
  readonly batch: number
  /** Rollouts in one optimiser step. */
  readonly miniBatch: number
  readonly microBatch: number
  /** Optimiser steps in a step. */
  readonly updates: number
}

export function shapeOf(options: TrlOptions, { samplesPerStep, groupSize }: TrainingSettings): StepShape {
  const batch = samplesPerStep * groupSize
  const miniBatch = options.miniBatch ?? batch
  return {
    batch,
    miniBatch,
    microBatch: options.microBatch ?? miniBatch,
    updates: options.epochs * (batch / miniBatch),
  }
}

/** Why TRL would do otherwise than asked; empty where it does as asked. */
export function problemsOf(options: TrlOptions, settings: TrainingSettings): readonly string[] {
  const { batch, miniBatch, microBatch } = shapeOf(options, settings)
  const { groupSize, samplesPerStep, samples, steps, order, streams } = settings
  const unknown = Object.keys(options.streams.weights).filter((name) => !streams.some((stream) => stream.name === name))
  const walked = steps * samplesPerStep
  const problems: readonly (readonly [unless: boolean, problem: string])[] = [
    [groupSize >= 2, '`train.groupSize` 1 leaves a group nothing to be compared with; set 2 or more'],
    [batch % miniBatch === 0, `\`miniBatch\` ${miniBatch} does not divide the ${batch} rollouts of a step`],
    [miniBatch % microBatch === 0, `\`microBatch\` ${microBatch} does not divide \`miniBatch\` ${miniBatch}`],
    [
      samples === undefined || samples >= samplesPerStep,
      `\`train.samplesPerStep\` ${samplesPerStep} is more than the ${samples} training samples: TRL drops what does not fill a step`,
    ],
    [order !== 'prioritized', '`train.order` prioritized would be ignored; set shuffle or curriculum'],
    [
      samples === undefined || order !== 'curriculum' || walked <= samples,
      `\`train.order\` curriculum is shuffled after the first pass over the data, and TRL would repeat it (${walked} samples are drawn, there are ${samples}); set shuffle`,
    ],
    [!settings.filter, '`train.filter` would be ignored'],
    [settings.maxStaleness === 0, '`train.maxStaleness` 1 would be ignored'],
    [streams.length > 0, 'the reward has no streams, which TRL is given one function each for'],
    [unknown.length === 0, `\`streams.weights\` names ${unknown.join(', ')}, of which the reward knows nothing`],
    [
      options.clip.dual === null || options.clip.dual > 1 + options.clip.high,
      '`clip.dual` has to be greater than 1 + `clip.high`: TRL bounds every ratio by it',
    ],
  ]
  const ignored = ignoredOptions(options, trlRules(options)).map(({ problem }) => problem)
  return [...ignored, ...problems.filter(([fits]) => !fits).map(([, problem]) => problem)]
}

/** The settings of a training as TRL takes them. */
export function grpoConfig(options: TrlOptions, job: Omit<ExternalJob, 'data' | 'images' | 'folder'>): GrpoConfig {
  const { batch, miniBatch, microBatch, updates } = shapeOf(options, job)
  const { clip, adam, kl, streams } = options
  return {
    max_steps: job.steps * updates,
    num_generations: job.groupSize,
    per_device_train_batch_size: microBatch,
    gradient_accumulation_steps: miniBatch / microBatch,
    steps_per_generation: batch / microBatch,
    num_iterations: options.epochs,
    max_completion_length: options.maxPlan,
    temperature: job.temperature,
    top_p: 1,
    top_k: 0,
    shuffle_dataset: job.order === 'shuffle',
    seed: job.seed % 2 ** 32,
    multi_objective_aggregation: streams.mode === 'normalized' ? 'normalize_then_sum' : 'sum_then_normalize',
    reward_weights: job.streams.map(({ name }) => streams.weights[name] ?? 1),
    scale_rewards: 'group',
    loss_type: LOSS_TYPES[options.aggregation],
    epsilon: clip.low,
    epsilon_high: clip.high,
    delta: clip.dual,
    beta: kl.coefficient,
    entropy_coef: options.entropy,
    learning_rate: options.learningRate,
    lr_scheduler_type: options.schedule,
    warmup_steps: options.warmup,
    max_grad_norm: options.maxGradientNorm,
    adam_beta1: adam.beta1,
    adam_beta2: adam.beta2,
    adam_epsilon: adam.epsilon,
    weight_decay: adam.weightDecay,
    gradient_checkpointing: options.gradientCheckpointing,
    use_cpu: options.device === 'cpu',
  }
}
