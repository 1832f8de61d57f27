import { readFile } from 'node:fs/promises'
import { DdaError } from '@dda-thinker/plugin-api'
import { Parser } from 'pickleparser'

export type Plain = string | number | boolean | null | undefined | readonly Plain[] | ReadonlyMap<unknown, Plain>

/**
 * Reads a JSON file.
 *
 * @throws DdaError with the given code where it cannot be read or is not JSON
 */
export async function readJson(file: string, code: `DDA_${string}`): Promise<unknown> {
  const text = await readBytes(file, code).then((bytes) => bytes.toString('utf8').replace(/^\uFEFF/, ''))
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DdaError(code, `${file} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

/**
 * Reads a pickle of plain data: dictionaries (as `Map`), lists, strings, numbers. Anything else in it, every class and function
 * above all, is refused: nothing of a pickle is ever run.
 *
 * @throws DdaError with the given code
 */
export async function readPickle(file: string, code: `DDA_${string}`): Promise<Plain> {
  const bytes = await readBytes(file, code)
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
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DdaError(code, `${file} cannot be read as a pickle of plain data: ${why}`, { cause })
  }
}

async function readBytes(file: string, code: `DDA_${string}`): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new DdaError(code, `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      next: 'Check the path.',
    })
  })
}
