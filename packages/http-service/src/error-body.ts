import { type DdaError, isDdaError, redact } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** What every error is answered with. */
export interface ErrorBody {
  readonly error: {
    /** What programs look at. */
    readonly code: string
    /** What happened, for people. */
    readonly message: string
    /** What to do next, for people. */
    readonly next?: string
  }
}

const STATUS: Readonly<Record<string, number>> = {
  DDA_HTTP_BODY_INVALID: 400,
  DDA_HTTP_REQUEST_INVALID: 400,
  DDA_HTTP_UNAUTHORISED: 401,
  DDA_HTTP_FOREIGN_HOST: 403,
  DDA_HTTP_FOREIGN_ORIGIN: 403,
  DDA_HTTP_NOT_FOUND: 404,
  DDA_HTTP_METHOD: 405,
  DDA_HTTP_BODY_TOO_LARGE: 413,
  DDA_HTTP_MEDIA_TYPE: 415,
  DDA_HTTP_DRAINING: 503,
}

/** Status of an error of this package; 500 for any other. */
export function errorStatus({ code }: DdaError): number {
  return STATUS[code] ?? 500
}

/** The error in words that may leave the machine: without kept secrets and without paths. What is no DdaError says nothing of itself. */
export function errorBody(error: unknown): ErrorBody {
  const { code, message, next } = isDdaError(error) ? error : errors.make('DDA_HTTP_INTERNAL')
  return {
    error: {
      code,
      message: outward(message),
      ...(next === undefined ? {} : { next: outward(next) }),
    },
  }
}

const PATHS = [
  // In quotes a path may hold spaces.
  /(?<=["'`])(?:file:\/\/|[a-z]:[\\/]|\/|\\\\)[^"'`\n]+(?=["'`])/gi,
  /(?<![\w./\\])(?:file:\/\/\S+|[a-z]:[\\/][^\s"'`,;)]+|\\\\[^\s"'`,;)]+|\/[^\s"'`,;:)/]+(?:\/[^\s"'`,;:)]*)+)/gi,
]

/** Routes are no paths of the machine, though they look like some. */
const ROUTE = /^\/v\d+\//

/** A text without kept secrets and absolute paths. */
export function outward(text: string): string {
  return PATHS.reduce(
    (out, pattern) => out.replaceAll(pattern, (path) => (ROUTE.test(path) ? path : '<path>')),
    redact(text),
  )
}
