import { DdaError, isDdaError } from '@dda-thinker/plugin-api'

/** A file of which no row, or not the next one, can be told. */
export function brokenFile(file: string, problem: string, cause?: unknown): DdaError {
  return new DdaError('DDA_DATASET_FILE', `${file} cannot be read: ${problem}`, {
    location: file,
    cause,
    next: 'Get the file again, or leave it out; rows of JSON lines, CSV and Parquet that are merely wrong are set aside one by one.',
  })
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
  return new DdaError('DDA_DATASET_WRITE', `${file} cannot be written: ${message}`, {
    location: file,
    cause: error,
    next: 'Name a folder that exists, with room and leave to write; what was there before is untouched.',
  })
}
