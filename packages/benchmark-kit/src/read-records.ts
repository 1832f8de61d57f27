import { readWhole } from '@dda-thinker/plugin-api'
import { Parser } from 'pickleparser'
import { errors } from './errors.ts'

/** Whose file it is: of the benchmark's data, or of a model's results. */
export type BenchmarkCode = 'DDA_BENCHMARK_DATA' | 'DDA_BENCHMARK_RESULTS'

export type Plain = string | number | boolean | null | undefined | readonly Plain[] | ReadonlyMap<unknown, Plain>

/**
 * Reads a JSON file.
 *
 * @throws DdaError with the given code where it cannot be read or is not JSON
 */
export async function readJson(file: string, code: BenchmarkCode): Promise<unknown> {
  const text = await readBytes(file, code).then((bytes) => bytes.toString('utf8').replace(/^\uFEFF/, ''))
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw errors.make(`${code}/not-json`, { file, why: messageOf(cause) }, { cause })
  }
}

/**
 * Reads a pickle of plain data: dictionaries (as `Map`), lists, strings, numbers. Anything else in it, every class and function
 * above all, is refused: nothing of a pickle is ever run.
 *
 * @throws DdaError `DDA_BENCHMARK_RESULTS`
 */
export async function readPickle(file: string): Promise<Plain> {
  const bytes = await readBytes(file, 'DDA_BENCHMARK_RESULTS')
  const refuse = (what: string) => (): never => {
    throw new Error(`it holds ${what}`)
  }
  const parser = new Parser({
    unpicklingTypeOfDictionary: 'Map',
    nameResolver: { resolve: refuse('a Python object') },
    persistentResolver: { resolve: refuse('a persistent object') },
    extensionResolver: { resolve: refuse('an extension object') },
  })
  try {
    return parser.parse<Plain>(bytes)
  } catch (cause) {
    throw errors.make('DDA_BENCHMARK_RESULTS/pickle', { file, why: messageOf(cause) }, { cause })
  }
}

async function readBytes(file: string, code: BenchmarkCode): Promise<Buffer> {
  return readWhole(file).catch((cause: unknown) => {
    throw errors.make(`${code}/unreadable`, { file, why: messageOf(cause) }, { cause })
  })
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
