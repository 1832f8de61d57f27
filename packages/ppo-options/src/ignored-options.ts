import type { PpoOptions } from './ppo-options.ts'
import type { IgnoredOptions } from './settle-options.ts'

const critic = ({ advantage }: PpoOptions): boolean => advantage === 'gae'
const grouped = ({ advantage }: PpoOptions): boolean => advantage === 'grpo' || advantage === 'rloo'

/** Of the learning rate of `prefix`: what has no part in its course. */
function course(
  prefix: '' | 'imitation.',
  of: (options: PpoOptions) => PpoOptions['imitation'],
): readonly IgnoredOptions<PpoOptions>[] {
  const falls = (options: PpoOptions): boolean => of(options).schedule !== 'constant'
  return [
    {
      when: (options) => !falls(options),
      because: `\`${prefix}schedule\` is constant`,
      options: [`${prefix}total`, `${prefix}floor`],
      beside: [`${prefix}schedule`],
    },
    {
      when: (options) => falls(options) && of(options).warmup >= (of(options).total ?? Infinity),
      because: `it leaves nothing of \`${prefix}total\` to fall in`,
      fault: 'does not fit',
      options: [`${prefix}warmup`],
      beside: [`${prefix}schedule`, `${prefix}total`],
    },
    {
      when: (options) => falls(options) && of(options).floor > of(options).learningRate,
      because: `it is above \`${prefix}learningRate\`, from which the rate is to fall`,
      fault: 'does not fit',
      options: [`${prefix}floor`],
      beside: [`${prefix}schedule`, `${prefix}learningRate`],
    },
  ]
}

/** What of the options of PPO has no effect beside others. Where an option makes another one void, it stands before that one. */
export const IGNORED: readonly IgnoredOptions<PpoOptions>[] = [
  {
    when: (options) => !critic(options),
    because: '`advantage` is not gae, so there is no critic',
    options: ['lambda', 'groupCentre', 'clip.value', 'valueCoefficient'],
    beside: ['advantage'],
  },
  {
    when: ({ advantage }) => advantage === 'reinforce++',
    because: '`advantage` reinforce++ always whitens',
    options: ['whiten'],
    beside: ['advantage'],
  },
  {
    when: grouped,
    because: 'group baselines neither discount nor whiten',
    options: ['gamma', 'whiten'],
    beside: ['advantage'],
  },
  {
    when: (options) => grouped(options) && options.streams.mode !== 'normalized',
    because: 'group baselines do not whiten',
    options: ['whitenVariance'],
    beside: ['advantage', 'streams.mode'],
  },
  {
    when: (options) => critic(options) && options.streams.mode === 'normalized',
    because: '`streams.mode` normalized always whitens',
    options: ['whiten'],
    beside: ['advantage', 'streams.mode'],
  },
  {
    when: (options) => critic(options) && !options.whiten,
    because: '`whiten` is off',
    options: ['whitenVariance'],
    beside: ['advantage', 'whiten'],
  },
  {
    when: ({ oldLogProbs }) => oldLogProbs === 'behaviour',
    because: '`oldLogProbs` is behaviour, whose ratio has it already',
    options: ['importanceCap'],
    beside: ['oldLogProbs'],
  },
  {
    when: ({ streams }) => streams.mode === 'sum',
    because: '`streams.mode` is sum',
    options: ['streams.weights'],
    beside: ['streams.mode'],
  },
  {
    when: ({ streams }) => streams.mode !== 'split',
    because: '`streams.mode` is not split',
    options: ['streams.planOnly'],
    beside: ['streams.mode'],
  },
  {
    when: ({ kl }) => kl.place === 'off',
    because: '`kl.place` is off',
    options: ['kl.coefficient', 'kl.target', 'kl.estimator'],
    beside: ['kl.place'],
  },
  {
    when: ({ kl }) => kl.target === undefined,
    because: '`kl.target` is not set',
    options: ['kl.horizon'],
    beside: ['kl.place', 'kl.target'],
  },
  {
    when: ({ kl }) => kl.place !== 'loss',
    because: '`kl.place` is not loss',
    options: ['kl.lossEstimator'],
    // Which is where it is charged unless something else is said.
    beside: ['kl.place', 'advantage'],
  },
  ...course('', (options) => options),
  ...course('imitation.', ({ imitation }) => imitation),
]
