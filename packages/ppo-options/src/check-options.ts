import type { TrainerCapabilities } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import type { PpoOptions } from './ppo-options.ts'
import { settleOptions, type IgnoredOptions, type OptionProblem } from './settle-options.ts'

const critic = ({ advantage }: PpoOptions): boolean => advantage === 'gae'
const grouped = ({ advantage }: PpoOptions): boolean => advantage === 'grpo' || advantage === 'rloo'

const IGNORED: readonly IgnoredOptions<PpoOptions>[] = [
  {
    when: (options) => !critic(options),
    because: '`advantage` is not gae, so there is no critic',
    options: ['lambda', 'groupCentre', 'clip.value', 'valueCoefficient'],
  },
  {
    when: ({ advantage }) => advantage === 'reinforce++',
    because: '`advantage` reinforce++ always whitens',
    options: ['whiten'],
  },
  {
    when: grouped,
    because: 'group baselines neither discount nor whiten',
    options: ['gamma', 'whiten'],
  },
  {
    when: (options) => grouped(options) && options.streams.mode !== 'normalized',
    because: 'group baselines do not whiten',
    options: ['whitenVariance'],
  },
  {
    when: (options) => critic(options) && options.streams.mode === 'normalized',
    because: '`streams.mode` normalized always whitens',
    options: ['whiten'],
  },
  {
    when: (options) => critic(options) && !options.whiten,
    because: '`whiten` is off',
    options: ['whitenVariance'],
  },
  {
    when: ({ oldLogProbs }) => oldLogProbs === 'behaviour',
    because: '`oldLogProbs` is behaviour, whose ratio has it already',
    options: ['importanceCap'],
  },
  { when: ({ streams }) => streams.mode === 'sum', because: '`streams.mode` is sum', options: ['streams.weights'] },
  {
    when: ({ streams }) => streams.mode !== 'split',
    because: '`streams.mode` is not split',
    options: ['streams.planOnly'],
  },
  {
    when: ({ kl }) => kl.place === 'off',
    because: '`kl.place` is off',
    options: ['kl.coefficient', 'kl.target', 'kl.estimator'],
  },
  { when: ({ kl }) => kl.target === undefined, because: '`kl.target` is not set', options: ['kl.horizon'] },
  { when: ({ kl }) => kl.place !== 'loss', because: '`kl.place` is not loss', options: ['kl.lossEstimator'] },
  {
    when: ({ schedule }) => schedule === 'constant',
    because: '`schedule` is constant',
    options: ['total', 'floor'],
  },
  {
    when: ({ imitation }) => imitation.schedule === 'constant',
    because: '`imitation.schedule` is constant',
    options: ['imitation.total', 'imitation.floor'],
  },
]

/** What a trainer holds its options to, besides its schema. */
export interface TrainerRules<T> {
  /** The options where nothing is set. */
  readonly defaults: T
  /** What the trainer can do; the rest of the vocabulary is refused. */
  readonly supports: TrainerCapabilities
  /** Options of the trainer's own that have no effect beside others. */
  readonly ignored?: readonly IgnoredOptions<T>[]
  readonly problems?: readonly OptionProblem[]
  /** Does an option stand as a preset or the schema has it (`PluginApi.isInherited`)? Default: none does. */
  readonly isInherited?: ((option: string) => boolean) | undefined
}

/**
 * Refuses what the trainer cannot do, and options that would have no effect beside the others, unless a preset alone says them.
 * @returns the options to train by, see {@link settleOptions}
 * @throws DdaError `DDA_CONFIG_INVALID` naming all of them, and what else does not fit together
 */
export function checkTrainerOptions<T extends PpoOptions>(options: T, rules: TrainerRules<T>): T {
  const { defaults, supports, isInherited } = rules
  const settled = settleOptions(options, { defaults, isInherited, ignored: [...IGNORED, ...(rules.ignored ?? [])] })
  const problems = [
    ...unsupported(settled.options, supports),
    ...settled.problems,
    ...courses(settled.options),
    ...streamsOfCritic(settled.options),
    ...(rules.problems ?? []),
  ]
  if (problems.length === 0) return settled.options
  throw errors.make(
    'DDA_CONFIG_INVALID/trainer',
    { problems: problems.map(({ problem }) => problem).join('; ') },
    { location: `trainer.${problems[0]?.place ?? ''}` },
  )
}

function unsupported(options: PpoOptions, supports: TrainerCapabilities): OptionProblem[] {
  const chosen: readonly (readonly [place: string, value: string | undefined, known: readonly string[]])[] = [
    ['advantage', options.advantage, supports.estimators],
    ['groupCentre', options.groupCentre, ['off', ...supports.groupCentre]],
    ['streams.mode', options.streams.mode, ['sum', ...supports.streams]],
    ['kl.place', options.kl.place, ['off', ...supports.klPlace]],
    ['aggregation', options.aggregation, supports.lossAggregation],
  ]
  return chosen
    .filter(([, value, known]) => value !== undefined && !known.includes(value))
    .map(([place, value, known]) => ({
      place,
      problem: `\`${place}\` ${value} is not supported by this trainer, which has ${known.join(', ')}`,
    }))
}

/** Courses of the learning rate that fall: they need an end to fall to, after the warm-up and not above the peak. */
function courses(options: PpoOptions): OptionProblem[] {
  return [...fall('', options), ...fall('imitation.', options.imitation)]
}

function fall(prefix: string, course: PpoOptions['imitation']): OptionProblem[] {
  const { schedule, total, warmup, floor, learningRate } = course
  if (schedule === 'constant') return []
  const found: OptionProblem[] = []
  const tell = (key: string, problem: string) => found.push({ place: `${prefix}${key}`, problem })
  if (total === undefined) tell('schedule', `\`${prefix}schedule\` ${schedule} needs \`${prefix}total\``)
  else if (warmup >= total) {
    tell(
      'warmup',
      `\`${prefix}warmup\` ${warmup} leaves nothing of the ${total} steps of \`${prefix}total\` to fall in`,
    )
  }
  if (floor > learningRate) {
    tell(
      'floor',
      `\`${prefix}floor\` ${floor} is above \`${prefix}learningRate\` ${learningRate}, from which it is to fall`,
    )
  }
  return found
}

function streamsOfCritic({ advantage, streams }: PpoOptions): OptionProblem[] {
  if (advantage !== 'gae' || streams.mode === 'sum') return []
  if (Object.keys(streams.weights).length > 0) return []
  const problem = `\`streams.mode\` ${streams.mode} with gae needs \`streams.weights\` to name every stream, for each has a value head`
  return [{ place: 'streams.weights', problem }]
}
