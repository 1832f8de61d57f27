import type { LayerOf } from '@dda-thinker/plugin-api'

/** Where options have no effect beside others, or do not fit them. */
export interface IgnoredOptions<T> {
  readonly when: (options: T) => boolean
  readonly because: string
  /** What is wrong with them then. Default: they `would be ignored`. */
  readonly fault?: string
  /** Dotted; a group stands for everything in it. */
  readonly options: readonly string[]
  /** The options that `when` reads. */
  readonly beside: readonly string[]
}

/** What is wrong, and where. */
export interface OptionProblem {
  readonly place: string
  readonly problem: string
}

/** What options are held to. */
export interface IgnoredRules<T> {
  /** The options where nothing is set. */
  readonly defaults: T
  readonly ignored: readonly IgnoredOptions<T>[]
}

/** Options that would have no effect beside the others: one that differs from its default is meant to do something. */
export function ignoredOptions<T>(options: T, { defaults, ignored }: IgnoredRules<T>): readonly OptionProblem[] {
  return ignored
    .filter(({ when }) => when(options))
    .flatMap(({ because, fault = 'would be ignored', options: places }) =>
      places
        .flatMap((place) => changed(place, at(options, place), at(defaults, place)))
        .map((place) => ({ place, problem: `\`${place}\` ${fault}: ${because}` })),
    )
}

/**
 * Takes back, of what {@link ignoredOptions} finds, whatever something said above it has robbed of its effect: a preset is tuned for what
 * it says itself, and gives way. What is said beside it, in the same preset or by the project, stays to be refused.
 *
 * @param options as they were given
 * @param complete fills in what depends on other options
 * @returns the options, with what gave way at its default
 */
export function settleOptions<O extends object, T>(
  options: O,
  { defaults, ignored, complete }: IgnoredRules<T> & { readonly complete: (options: O) => T },
  layerOf: LayerOf,
): O {
  let settled = options
  for (const { when, options: places, beside } of ignored) {
    const whole = complete(settled)
    if (!when(whole)) continue
    const layer = Math.max(...beside.map(layerOf))
    for (const place of places.flatMap((one) => changed(one, at(whole, one), at(defaults, one)))) {
      if (layerOf(place) < layer) settled = withValue(settled, place.split('.'), at(defaults, place)) as O
    }
  }
  return settled
}

/** The options at a place, or within the group that is there, that differ from their defaults. */
function changed(place: string, value: unknown, fallback: unknown): readonly string[] {
  if (isGroup(value) && isGroup(fallback)) {
    const keys = [...new Set([...Object.keys(value), ...Object.keys(fallback)])]
    // A name with a dot in it, of a stream say, cannot be told from a path: then it is the group that differs.
    if (keys.every((key) => !key.includes('.'))) {
      return keys.flatMap((key) => changed(`${place}.${key}`, value[key], fallback[key]))
    }
  }
  return JSON.stringify(value) === JSON.stringify(fallback) ? [] : [place]
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function at(options: unknown, place: string): unknown {
  let value = options
  for (const key of place.split('.')) value = (value as Readonly<Record<string, unknown>> | undefined)?.[key]
  return value
}

function withValue(options: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  const made: Record<string, unknown> = { ...(options as Readonly<Record<string, unknown>>) }
  const inner = withValue(made[key], rest, value)
  if (inner === undefined) delete made[key]
  else made[key] = inner
  return made
}
