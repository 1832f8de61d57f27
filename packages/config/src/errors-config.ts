import { DdaError } from '@dda-thinker/plugin-api'

/** One thing wrong with a configuration, with all that is needed to put it right. */
export interface ConfigProblem {
  /** `file:line:column`, or the variable or argument that said it. */
  readonly location: string
  /** In the user's notation, for example `judge[0].model`. */
  readonly path: string
  readonly message: string
  readonly expected?: string
  readonly got?: string
  /** The nearest known name. */
  readonly suggestion?: string
  /** Set where the problem has a code of its own, for example a plugin that could not be found. */
  readonly code?: string
  /** What to do about it, where that is more than putting it right. */
  readonly next?: string
}

const PUT_RIGHT = 'Put each right where its line says, then run `dda config print` to see what results.'

/** All problems of a configuration at once; `code` is `DDA_CONFIG_INVALID`. */
export class ConfigInvalidError extends DdaError {
  readonly problems: readonly ConfigProblem[]

  /** @param causes errors behind the problems, for those who look deeper */
  constructor(found: readonly ConfigProblem[], causes: readonly unknown[] = []) {
    const problems = found.toSorted(byPlace)
    const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`
    super('DDA_CONFIG_INVALID', [`${count} in the configuration:`, ...problems.map(formatProblem)].join('\n'), {
      next: (problems.length === 1 ? problems[0]?.next : undefined) ?? PUT_RIGHT,
      ...(problems[0] === undefined ? {} : { location: problems[0].location }),
      ...(causes.length === 0 ? {} : { cause: causes.length === 1 ? causes[0] : new AggregateError(causes) }),
    })
    this.problems = problems
  }
}

/** In the order of the file's lines; variables and arguments first. */
function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  const place = ({ location }: ConfigProblem) => /^(.*?):(\d+):(\d+)$/.exec(location)
  const [left, right] = [place(a), place(b)]
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  if (left[1] !== right[1]) return String(left[1]) < String(right[1]) ? -1 : 1
  return Number(left[2]) - Number(right[2]) || Number(left[3]) - Number(right[3])
}

function formatProblem(problem: ConfigProblem): string {
  const suggestion = problem.suggestion === undefined ? '' : `; did you mean \`${problem.suggestion}\`?`
  return `  ${problem.location}  ${problem.path}: ${problem.message.replaceAll('\n', '\n    ')}${suggestion}`
}

export function configMissing(where: string, names: readonly string[]): DdaError {
  return new DdaError(
    'DDA_CONFIG_MISSING',
    `No configuration found: looked for ${names.join(', ')} in ${where} and every folder above it.`,
    {
      next: 'Run `dda init` to make a project, or name a file with --config.',
    },
  )
}

export function configFileMissing(file: string): DdaError {
  return new DdaError('DDA_CONFIG_MISSING', `There is no configuration file ${file}.`, {
    next: 'Check the path, or leave it out to have the file found.',
    location: file,
  })
}

export function configUnreadable(file: string, cause: unknown): DdaError {
  return new DdaError('DDA_CONFIG_LOAD', `${file} could not be loaded: ${messageOf(cause)}`, {
    next: 'Run the file by itself to see what it throws, or write the configuration in YAML.',
    location: file,
    cause,
  })
}

export function configNotAnObject(file: string, got: string): DdaError {
  return new DdaError('DDA_CONFIG_LOAD', `${file} gives ${got}; a configuration is a map of keys.`, {
    next: 'In TypeScript and JavaScript, export the configuration as the default export.',
    location: file,
  })
}

export function configEmpty(file: string): DdaError {
  return new DdaError('DDA_CONFIG_EMPTY', `${file} is empty.`, {
    next: 'Write at least the plugins to use, or run `dda init` in an empty folder for a start.',
    location: file,
  })
}

export function configSyntax(location: string, message: string, cause: unknown): DdaError {
  return new DdaError('DDA_CONFIG_SYNTAX', `${location}  ${message}`, {
    next: 'Put the syntax right at that place; nothing after it was read.',
    location,
    cause,
  })
}

export function configExtension(file: string, known: readonly string[]): DdaError {
  return new DdaError('DDA_CONFIG_LOAD', `${file}: a configuration is a ${known.join(', ')} file.`, {
    next: 'Rename it, or name another file.',
    location: file,
  })
}

export function extendsMalformed(location: string): DdaError {
  return new DdaError('DDA_CONFIG_EXTENDS', `${location}  extends: expected a name or a list of names of presets.`, {
    next: 'Write `extends: [name]`.',
    location,
  })
}

export function presetUnknown(
  name: string,
  location: string,
  tried: readonly string[],
  suggestion: string | undefined,
): DdaError {
  const hint = suggestion === undefined ? '' : ` Did you mean \`${suggestion}\`?`
  return new DdaError(
    'DDA_CONFIG_PRESET_UNKNOWN',
    `${location}  extends: there is no preset \`${name}\`.${hint}\n${triedList(tried)}`,
    {
      next: 'Install the preset, or give its path, which starts with ./ or ../.',
      location,
    },
  )
}

export function extendsCycle(chain: readonly string[], location: string): DdaError {
  const lines = chain.map((file, index) => `  ${index + 1}. ${file}`)
  return new DdaError('DDA_CONFIG_EXTENDS_CYCLE', [`Presets extend each other in a circle:`, ...lines].join('\n'), {
    next: 'Take one `extends` out of the circle.',
    location,
  })
}

export function setMalformed(argument: string, why: string): DdaError {
  return new DdaError('DDA_CONFIG_SET', `--set ${argument}: ${why}`, {
    next: 'Write --set key=value, for example --set train.steps=50 or --set judge[0].model=name.',
    location: `--set ${argument}`,
  })
}

export function triedList(tried: readonly string[]): string {
  return ['Tried:', ...tried.map((place) => `  ${place}`)].join('\n')
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
