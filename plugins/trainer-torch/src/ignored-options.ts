import { DdaError } from '@dda-thinker/plugin-api'
import { completeTrainerOptions, type TrainerOptions } from './options.ts'

interface Rule {
  /** Where these options have no effect. */
  readonly when: (options: TrainerOptions) => boolean
  readonly because: string
  /** Dotted; a group stands for everything in it. */
  readonly options: readonly string[]
}

const critic = ({ advantage }: TrainerOptions): boolean => advantage === 'gae'
const grouped = ({ advantage }: TrainerOptions): boolean => advantage === 'grpo' || advantage === 'rloo'

const RULES: readonly Rule[] = [
  {
    when: (options) => !critic(options),
    because: '`advantage` is not gae, so there is no critic',
    options: ['critic', 'lambda', 'groupCentre', 'clip.value', 'valueCoefficient'],
  },
  {
    when: ({ advantage }) => advantage === 'reinforce++',
    because: '`advantage` reinforce++ always whitens',
    options: ['whiten'],
  },
  {
    when: grouped,
    because: 'group baselines neither discount nor whiten',
    options: ['gamma', 'whiten', 'whitenVariance'],
  },
  {
    when: (options) => critic(options) && !options.whiten,
    because: '`whiten` is off',
    options: ['whitenVariance'],
  },
  {
    when: (options) => critic(options) && options.critic.kind === 'head',
    because: '`critic.kind` is head',
    options: ['critic.model'],
  },
  {
    when: (options) => critic(options) && options.critic.kind === 'model',
    because: '`critic.kind` is model, which shares no trunk',
    options: ['critic.detach'],
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
  { when: ({ processes }) => processes === 1, because: '`processes` is 1', options: ['parallel'] },
]

/**
 * Refuses options that would have no effect beside the others: one that differs from its default is meant to do something.
 * @throws DdaError `DDA_CONFIG_INVALID` naming all of them, and what else does not fit together
 */
export function checkOptions(options: TrainerOptions): void {
  const defaults = completeTrainerOptions({ model: options.model })
  const problems = RULES.filter(({ when }) => when(options)).flatMap(({ because, options: places }) =>
    places
      .filter((place) => !same(at(options, place), at(defaults, place)))
      .map((place) => ({ place, problem: `\`${place}\` would be ignored: ${because}` })),
  )
  for (const place of ['schedule', 'imitation.schedule'] as const) {
    const total = place === 'schedule' ? options.total : options.imitation.total
    if (at(options, place) !== 'constant' && total === undefined) {
      problems.push({
        place,
        problem: `\`${place}\` ${String(at(options, place))} needs \`${place.replace('schedule', 'total')}\``,
      })
    }
  }
  const { minPixels, maxPixels } = options
  if (minPixels !== undefined && maxPixels !== undefined && minPixels > maxPixels) {
    problems.push({ place: 'minPixels', problem: '`minPixels` is more than `maxPixels`' })
  }
  if (problems.length === 0) return
  throw new DdaError('DDA_CONFIG_INVALID', `trainer: ${problems.map(({ problem }) => problem).join('; ')}`, {
    location: `trainer.${problems[0]?.place ?? ''}`,
    next: 'Take out what has no effect, or change what it depends on.',
  })
}

function at(options: unknown, place: string): unknown {
  let value = options
  for (const key of place.split('.')) value = (value as Readonly<Record<string, unknown>> | undefined)?.[key]
  return value
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
