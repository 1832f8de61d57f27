import type { LayerOf, TrainerCapabilities } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { IGNORED } from './ignored-options.ts'
import type { PpoOptions } from './ppo-options.ts'
import { ignoredOptions, settleOptions, type IgnoredOptions, type OptionProblem } from './settle-options.ts'

/** What a trainer holds its options to, besides its schema. */
export interface TrainerRules<T> {
  /** The options where nothing is set. */
  readonly defaults: T
  /** What the trainer can do; the rest of the vocabulary is refused. */
  readonly supports: TrainerCapabilities
  /** Options of the trainer's own that have no effect beside others. */
  readonly ignored?: readonly IgnoredOptions<T>[]
  readonly problems?: readonly OptionProblem[]
}

/**
 * Refuses what the trainer cannot do, and options that would have no effect beside the others.
 * @throws DdaError `DDA_CONFIG_INVALID` naming all of them, and what else does not fit together
 */
export function checkTrainerOptions<T extends PpoOptions>(options: T, rules: TrainerRules<T>): void {
  const problems = [
    ...unsupported(options, rules.supports),
    ...ignoredOptions(options, { defaults: rules.defaults, ignored: [...IGNORED, ...(rules.ignored ?? [])] }),
    ...withoutTotal(options),
    ...streamsOfCritic(options),
    ...(rules.problems ?? []),
  ]
  if (problems.length === 0) return
  throw errors.make(
    'DDA_CONFIG_INVALID/trainer',
    { problems: problems.map(({ problem }) => problem).join('; ') },
    { location: `trainer.${problems[0]?.place ?? ''}` },
  )
}

/** What of {@link checkTrainerOptions} would be ignored and gives way, for `settle` of a trainer's plugin: {@link settleOptions}. */
export function settleTrainerOptions<O extends object, T extends PpoOptions>(
  options: O,
  rules: Pick<TrainerRules<T>, 'defaults' | 'ignored'> & { readonly complete: (options: O) => T },
  layerOf: LayerOf,
): O {
  return settleOptions(options, { ...rules, ignored: [...IGNORED, ...(rules.ignored ?? [])] }, layerOf)
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

/** Courses of the learning rate that fall, without an end to fall to. */
function withoutTotal({ schedule, total, imitation }: PpoOptions): OptionProblem[] {
  const courses = [
    { prefix: '', schedule, total },
    { prefix: 'imitation.', schedule: imitation.schedule, total: imitation.total },
  ]
  return courses
    .filter((one) => one.schedule !== 'constant' && one.total === undefined)
    .map(({ prefix, schedule: course }) => ({
      place: `${prefix}schedule`,
      problem: `\`${prefix}schedule\` ${course} needs \`${prefix}total\``,
    }))
}

function streamsOfCritic({ advantage, streams }: PpoOptions): OptionProblem[] {
  if (advantage !== 'gae' || streams.mode === 'sum') return []
  if (Object.keys(streams.weights).length > 0) return []
  const problem = `\`streams.mode\` ${streams.mode} with gae needs \`streams.weights\` to name every stream, for each has a value head`
  return [{ place: 'streams.weights', problem }]
}
