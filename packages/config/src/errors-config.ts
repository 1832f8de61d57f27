import { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { didYouMean } from './nearest.ts'

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

/** All problems of a configuration at once; `code` is `DDA_CONFIG_INVALID`. */
export class ConfigInvalidError extends DdaError {
  readonly problems: readonly ConfigProblem[]

  /** @param causes errors behind the problems, for those who look deeper */
  constructor(found: readonly ConfigProblem[], causes: readonly unknown[] = []) {
    const problems = found.toSorted(byPlace)
    const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`
    const alone = problems.length === 1
    const texts = { count, problems: problems.map((problem) => formatProblem(problem, alone)).join('\n') }
    const { code, message, ...said } = errors.texts('DDA_CONFIG_INVALID', texts)
    const next = alone ? problems[0]?.next : undefined
    super(code, message, {
      ...said,
      ...(next === undefined ? {} : { next }),
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

/** @param alone its next step is that of the whole error; of several problems each says its own */
function formatProblem(problem: ConfigProblem, alone: boolean): string {
  const suggestion = problem.suggestion === undefined ? '' : `; did you mean \`${problem.suggestion}\`?`
  const next = alone || problem.next === undefined ? '' : `\n    ${problem.next}`
  // The page of errors knows it by its own code; `DDA_CONFIG_INVALID` says only where it was found.
  const code = problem.code === undefined ? '' : `${problem.code}  `
  return `  ${problem.location}  ${problem.path}: ${code}${problem.message.replaceAll('\n', '\n    ')}${suggestion}${next}`
}

export function configMissing(where: string, names: readonly string[]): DdaError {
  return errors.make('DDA_CONFIG_MISSING/not-found', { names: names.join(', '), where })
}

export function configFileMissing(file: string): DdaError {
  return errors.make('DDA_CONFIG_MISSING/file', { file }, { location: file })
}

export function configUnreadable(file: string, cause: unknown): DdaError {
  return errors.make('DDA_CONFIG_LOAD/broken', { file, why: messageOf(cause) }, { location: file, cause })
}

export function configNotAnObject(file: string, got: string): DdaError {
  return errors.make('DDA_CONFIG_LOAD/not-a-map', { file, got }, { location: file })
}

export function configEmpty(file: string): DdaError {
  return errors.make('DDA_CONFIG_EMPTY', { file }, { location: file })
}

export function configSyntax(location: string, message: string, cause: unknown): DdaError {
  return errors.make('DDA_CONFIG_SYNTAX', { location, message }, { location, cause })
}

export function configExtension(file: string, known: readonly string[]): DdaError {
  return errors.make('DDA_CONFIG_LOAD/extension', { file, known: known.join(', ') }, { location: file })
}

export function extendsMalformed(location: string): DdaError {
  return errors.make('DDA_CONFIG_EXTENDS', { location }, { location })
}

export function presetUnknown(
  name: string,
  location: string,
  tried: readonly string[],
  suggestion: string | undefined,
): DdaError {
  return errors.make(
    'DDA_CONFIG_PRESET_UNKNOWN/unknown',
    { location, name, didYouMean: didYouMean(suggestion), tried: triedList(tried) },
    { location },
  )
}

export function extendsCycle(chain: readonly string[], location: string): DdaError {
  const lines = chain.map((file, index) => `  ${index + 1}. ${file}`)
  return errors.make('DDA_CONFIG_EXTENDS_CYCLE', { circle: lines.join('\n') }, { location })
}

export function setMalformed(argument: string, why: string): DdaError {
  return errors.make('DDA_CONFIG_SET', { argument, why }, { location: `--set ${argument}` })
}

export function triedList(tried: readonly string[]): string {
  return ['Tried:', ...tried.map((place) => `  ${place}`)].join('\n')
}

export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message
  try {
    return String(error)
  } catch {
    // What has no prototype has no text.
    return Object.prototype.toString.call(error)
  }
}

/** The stack of an error, and those of its causes. */
export function stackOf(error: unknown): string {
  const lines: string[] = []
  let at = error
  for (let depth = 0; at instanceof Error && depth < 8; depth++) {
    lines.push(at.stack ?? at.message)
    at = at.cause
  }
  return lines.join('\nCaused by: ')
}
