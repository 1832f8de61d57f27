import { type DdaError, isDdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** What Fastify throws before a route has its say. */
interface Thrown {
  readonly code?: unknown
  readonly message?: unknown
  readonly statusCode?: unknown
  readonly validation?: readonly unknown[]
}

/** The error of ours that says what Fastify says; the error itself where it is ours already, or nothing that a caller did. */
export function fromFastify(error: unknown, bodyLimit: number): unknown {
  if (isDdaError(error) || typeof error !== 'object' || error === null) return error
  const { code, message, statusCode, validation } = error as Thrown
  const problem = typeof message === 'string' ? message : 'unreadable'
  if (validation !== undefined) return errors.make('DDA_HTTP_REQUEST_INVALID', { problem })
  const known: Readonly<Record<string, () => DdaError>> = {
    FST_ERR_CTP_BODY_TOO_LARGE: () => errors.make('DDA_HTTP_BODY_TOO_LARGE', { limit: bodyLimit }),
    FST_ERR_CTP_INVALID_MEDIA_TYPE: () => errors.make('DDA_HTTP_MEDIA_TYPE'),
    FST_ERR_CTP_EMPTY_JSON_BODY: () => errors.make('DDA_HTTP_BODY_INVALID', { problem: 'it is empty' }),
    FST_ERR_CTP_INVALID_JSON_BODY: () => errors.make('DDA_HTTP_BODY_INVALID', { problem: 'it cannot be parsed' }),
    FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
      errors.make('DDA_HTTP_BODY_INVALID', { problem: 'its length is not the content-length' }),
    FST_ERR_BAD_URL: () => errors.make('DDA_HTTP_NOT_FOUND'),
    FST_ERR_NOT_FOUND: () => errors.make('DDA_HTTP_NOT_FOUND'),
  }
  const made = typeof code === 'string' ? known[code]?.() : undefined
  if (made !== undefined) return made
  // A parser of JSON quotes what it was given: keys and paths may be in it.
  if (error instanceof SyntaxError || statusCode === 400)
    return errors.make('DDA_HTTP_BODY_INVALID', { problem: 'it cannot be parsed' })
  return error
}
