import { DdaError, isDdaError, type FailureKind } from '@dda-thinker/plugin-api'

/** An error as plain data, so that it keeps its code when it crosses a thread boundary. */
export interface ErrorMessage {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly code?: string
  readonly next?: string | undefined
  readonly kind?: FailureKind | undefined
  readonly sampleId?: string | undefined
  readonly cause?: ErrorMessage
}

export function packError(error: unknown): ErrorMessage {
  const cause = error instanceof Error && error.cause !== undefined ? { cause: packError(error.cause) } : {}
  if (isDdaError(error)) {
    const { name, message, stack, code, next, kind, sampleId } = error
    return { name, message, stack, code, next, kind, sampleId, ...cause }
  }
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack, ...cause }
  return { name: 'Error', message: String(error), stack: undefined }
}

/** The error again; one without a code becomes `DDA_TRAINER_WORKER`. */
export function unpackError(packed: ErrorMessage): DdaError {
  const cause = packed.cause === undefined ? {} : { cause: unpackCause(packed.cause) }
  const code = packed.code as `DDA_${string}` | undefined
  const error = new DdaError(code ?? 'DDA_TRAINER_WORKER', packed.message, {
    next: packed.next ?? 'This is a defect of the embedded trainer; report it with the stack of this error.',
    ...cause,
    ...(packed.kind !== undefined && { kind: packed.kind }),
    ...(packed.sampleId !== undefined && { sampleId: packed.sampleId }),
  })
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
