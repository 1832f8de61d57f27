import { type DdaError, isDdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** A file of which no row, or not the next one, can be told. */
export function brokenFile(file: string, problem: string, cause?: unknown): DdaError {
  return errors.make('DDA_DATASET_FILE', { file, problem }, { location: file, cause })
}

/** What reading a file came to, with a code. */
export function fileFailure(file: string, error: unknown): DdaError {
  if (isDdaError(error)) return error
  return brokenFile(file, error instanceof Error ? error.message : String(error), error)
}

/** What kept a file from being written. */
export function writeFailure(file: string, error: unknown): DdaError {
  if (isDdaError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  return errors.make('DDA_DATASET_WRITE', { file, why: message }, { location: file, cause: error })
}
