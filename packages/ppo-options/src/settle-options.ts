/** Where options have no effect beside the others. */
export interface IgnoredOptions<T> {
  readonly when: (options: T) => boolean
  readonly because: string
  /** Dotted; a group stands for everything in it. */
  readonly options: readonly string[]
}

/** What is wrong, and where. */
export interface OptionProblem {
  readonly place: string
  readonly problem: string
}

/** What options are settled by. */
export interface SettlingRules<T> {
  /** The options where nothing is set. */
  readonly defaults: T
  readonly ignored: readonly IgnoredOptions<T>[]
  /** Does an option stand as a preset or the schema has it? Default: none does. */
  readonly isInherited?: ((option: string) => boolean) | undefined
}

/**
 * Finds options that would have no effect beside the others: one that differs from its default is meant to do something, so it is a
 * problem. But not where a preset alone says it: that was tuned for what the preset says beside it, and gives way to the project.
 * @returns the options, with what gave way at its default
 */
export function settleOptions<T extends object>(
  options: T,
  { defaults, ignored, isInherited = () => false }: SettlingRules<T>,
): { readonly options: T; readonly problems: readonly OptionProblem[] } {
  const problems: OptionProblem[] = []
  let settled = options
  for (const { when, because, options: places } of ignored) {
    if (!when(settled)) continue
    for (const place of places) {
      const fallback = at(defaults, place)
      if (JSON.stringify(at(settled, place)) === JSON.stringify(fallback)) continue
      if (isInherited(place)) settled = withValue(settled, place.split('.'), fallback) as T
      else problems.push({ place, problem: `\`${place}\` would be ignored: ${because}` })
    }
  }
  return { options: settled, problems }
}

function at(options: unknown, place: string): unknown {
  let value = options
  for (const key of place.split('.')) value = (value as Readonly<Record<string, unknown>> | undefined)?.[key]
  return value
}

function withValue(options: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  const { [key]: before, ...others } = options as Readonly<Record<string, unknown>>
  const after = withValue(before, rest, value)
  return after === undefined ? others : { ...others, [key]: after }
}
