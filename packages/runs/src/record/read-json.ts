import { readWholeJson, type TSchema } from '@dda-thinker/plugin-api'
import { errno, fileError } from '@dda-thinker/store'
import { errors } from '../errors.ts'
import { shapeProblem } from '../shapes/shape.ts'

/** A JSON file of a record; `undefined` where there is none. @throws DdaError `DDA_RUN_CORRUPT` */
export async function readJson<T>(path: string, schema: TSchema): Promise<T | undefined> {
  let value: unknown
  try {
    value = await readWholeJson(path)
  } catch (error) {
    const code = errno(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw fileError(error, 'read', path)
    throw errors.make('DDA_RUN_CORRUPT', { path }, { location: path, cause: error })
  }
  const problem = shapeProblem(schema, value)
  if (problem === undefined) return value as T
  throw errors.make('DDA_RUN_CORRUPT/shape', { path, problem }, { location: path })
}
