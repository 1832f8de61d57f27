import { DdaError, detailsOf, type ErrorKey, isDdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/** An error as plain data, so that it keeps its code when it crosses a thread boundary. */
export interface ErrorMessage {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Of a {@link DdaError}, with all that its table says. */
  readonly code?: ErrorKey
  readonly details?: ReturnType<typeof detailsOf>
  readonly cause?: ErrorMessage
}

export function packError(error: unknown): ErrorMessage {
  const cause = error instanceof Error && error.cause !== undefined ? { cause: packError(error.cause) } : {}
  if (isDdaError(error)) {
    const { name, message, stack, code } = error
    return { name, message, stack, code: code as ErrorKey, details: detailsOf(error), ...cause }
  }
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack, ...cause }
  return { name: 'Error', message: String(error), stack: undefined }
}

/** The error again; one without a code becomes `DDA_TRAINER_WORKER`. */
export function unpackError(packed: ErrorMessage): DdaError {
  const { code, message, details } = packed
  const cause = packed.cause === undefined ? {} : { cause: unpackCause(packed.cause) }
  const error =
    code === undefined
      ? errors.make('DDA_TRAINER_WORKER/defect', { message }, cause)
      : new DdaError(code, message, { ...details, ...cause })
  if (packed.stack !== undefined) error.stack = packed.stack
  return error
}

function unpackCause(packed: ErrorMessage): Error {
  if (packed.code !== undefined) return unpackError(packed)
  const error = new Error(packed.message)
  error.name = packed.name
  if (packed.stack !== undefined) error.stack = packed.stack
  return error
}
