import type { TSchema } from '@dda-thinker/plugin-api'
import { fits, validatorOf } from '@dda-thinker/config'

/** What is wrong with the shape of a value; `undefined` where nothing is. */
export function shapeProblem(schema: TSchema, value: unknown): string | undefined {
  if (fits(schema, value)) return undefined
  const check = validatorOf(schema)
  check(value)
  const { instancePath = '', message = 'it is something else' } = check.errors?.[0] ?? {}
  return instancePath === '' ? message : `${instancePath.slice(1).replaceAll('/', '.')} ${message}`
}

/** {@link shapeProblem} for lines of one kind. */
export function shapeOf(schema: TSchema): (value: unknown) => string | undefined {
  return (value) => shapeProblem(schema, value)
}
