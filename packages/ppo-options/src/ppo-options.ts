import { Type, type Estimator, type GroupCentre, type Static, type StreamMode } from '@dda-thinker/plugin-api'
import { choice, closed, flag, group, integer, number, orNull, schedule } from './schema.ts'

/** Where the KL to the reference policy is charged. */
export type KlPlace = 'reward' | 'loss' | 'off'

/** What good values depend on: the size of the network, and whether its optimiser is in float32. */
export interface PpoDefaults {
  /** Of reinforcement learning and of imitation, at their peak. */
  readonly learningRate: number
  readonly imitationLearningRate: number
  /** Weight of the entropy bonus. */
  readonly entropy: number
  /** Passes over the rollouts of a step. */
  readonly epochs: number
  /** Added to the root of Adam's second moment. */
  readonly adamEpsilon: number
}

const ESTIMATORS = ['gae', 'grpo', 'rloo', 'reinforce++'] as const satisfies readonly Estimator[]
const GROUP_CENTRES = ['off', 'plan', 'prefix'] as const satisfies readonly GroupCentre[]
const STREAM_MODES = ['sum', 'normalized', 'split'] as const satisfies readonly StreamMode[]
const KL_PLACES = ['reward', 'loss', 'off'] as const satisfies readonly KlPlace[]

/**
 * The options of PPO and of the warm start, to be spread into the options of a trainer: one vocabulary, with the trainer's own
 * defaults where they depend on its kind of network. The trainer passes what it is given through {@link completePpo} and then
 * `checkTrainerOptions`.
 */
export function ppoOptions(defaults: PpoDefaults) {
  return {
    advantage: choice(ESTIMATORS, 'gae', 'Advantage estimator; gae is PPO with a critic.'),
    gamma: number(1, 'Discount per token.', { minimum: 0, maximum: 1 }),
    lambda: number(
      1,
      'Bias-variance trade-off of generalised advantage estimation; 1 trusts the rewards alone and is unbiased whatever the critic says.',
      { minimum: 0, maximum: 1 },
    ),
    whiten: flag(true, 'Whiten the advantages of a step (gae; reinforce++ always does).'),
    whitenVariance: choice(['unbiased', 'biased'], 'unbiased', 'Variance that whitening divides by.'),
    groupCentre: choice(
      GROUP_CENTRES,
      'off',
      'For gae: subtract from the advantage first the mean of the other plans of the group (plan), or at each token that of ' +
        'those among them that share the longest beginning with this one (prefix). What a plan is compared with never depends on ' +
        'its own next token, so neither biases the gradient.',
    ),
    streams: group(
      {
        mode: choice(
          STREAM_MODES,
          'sum',
          'sum: of the total, as one reward. normalized (GDPO): each stream is normalised on its own, weighted, added, and the ' +
            'sum whitened over the batch. split: the members of a group are divided, each stream has its baseline over the members ' +
            'that were asked for it, and those that were asked for their plan alone are never edited.',
        ),
        weights: Type.Record(Type.String(), Type.Number({ minimum: 0 }), {
          default: {},
          description:
            "Weight of each stream's advantage, by the name that the reward gives it; 1 where it is not named. With gae each " +
            'stream has a value head of its own, so all of them must be named.',
        }),
        planOnly: Type.Number({
          exclusiveMinimum: 0,
          exclusiveMaximum: 1,
          default: 0.5,
          description: 'For split: the share of each group that is asked for its plan alone.',
        }),
      },
      'How the streams of the reward (dual-atomic: cognitive, visual, format) become an advantage.',
    ),
    clip: group(
      {
        low: number(0.2, 'The ratio may fall to 1 - low.', { minimum: 0, maximum: 1 }),
        high: number(0.28, 'The ratio may rise to 1 + high.', { minimum: 0 }),
        dual: orNull(Type.Number({ exclusiveMinimum: 1 }), 3, 'Bound of dual-clip PPO; null: off.'),
        value: orNull(Type.Number({ exclusiveMinimum: 0 }), 0.5, 'How far a value may move in a step; null: freely.'),
      },
      'Clip ranges.',
    ),
    valueCoefficient: number(0.5, 'Weight of the value loss.', { minimum: 0 }),
    entropy: number(defaults.entropy, 'Weight of the entropy bonus.', { minimum: 0 }),
    kl: group(
      {
        place: Type.Optional(
          Type.Unsafe<KlPlace>({
            type: 'string',
            enum: [...KL_PLACES],
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
        lossEstimator: choice(
          ['k1', 'abs', 'k2', 'k3', 'k3+'],
          'k3+',
          'Estimator of the KL in the loss; k3+ has the value of k3 and the unbiased gradient, that of k2.',
        ),
      },
      'KL to the reference policy: the weights before the first update.',
    ),
    oldLogProbs: choice(
      ['behaviour', 'recompute'],
      'behaviour',
      'Denominator of the ratio: as sampled, or computed again before the update.',
    ),
    importanceCap: orNull(
      Type.Number({ exclusiveMinimum: 0 }),
      2,
      'With `oldLogProbs: recompute`: what a token was sampled at counts by truncated importance sampling, new over old probability, ' +
        'at most so much; null: it does not count.',
    ),
    epochs: integer(defaults.epochs, 'Passes over the rollouts of a step.'),
    miniBatch: integer(64, 'Rollouts in one optimiser step.'),
    aggregation: choice(
      ['token-mean', 'token-sum', 'seq-mean-token-sum', 'seq-mean-token-mean', 'seq-mean-token-sum-norm'],
      'token-mean',
      'How token losses become one number.',
    ),
    stopKl: orNull(Type.Number({ exclusiveMinimum: 0 }), null, 'Approximate KL that ends the passes of a step early.'),
    ...schedule(defaults.learningRate),
    adam: group(
      {
        beta1: number(0.9, 'Decay of the first moment.', { minimum: 0, maximum: 1 }),
        beta2: number(0.999, 'Decay of the second moment.', { minimum: 0, maximum: 1 }),
        epsilon: number(defaults.adamEpsilon, 'Added to the root of the second moment.', { minimum: 0 }),
        weightDecay: number(0, 'Decoupled weight decay.', { minimum: 0 }),
      },
      'The optimiser.',
    ),
    imitation: group(schedule(defaults.imitationLearningRate), 'The supervised warm start.'),
  }
}

const ppoObject = () => Type.Object(ppoOptions({} as PpoDefaults), closed)

/** What a trainer's options have of {@link ppoOptions}, defaults filled in but for the place of the KL. */
export type PpoOptions = Static<ReturnType<typeof ppoObject>>

/** Fills in what depends on other options. @param options with all defaults of their schema */
export function completePpo<T extends PpoOptions>(options: T): T & { readonly kl: { readonly place: KlPlace } } {
  const place = options.kl.place ?? (['grpo', 'rloo'].includes(options.advantage) ? 'loss' : 'reward')
  return { ...options, kl: { ...options.kl, place } }
}
