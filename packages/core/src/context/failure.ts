import { type DdaError, type Failure, isDdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/** Failures of the run, not of a rollout: masking them would hide lost data or a full disk. */
const FATAL = new Set([
  'DDA_DISK_FULL',
  'DDA_FILE_SYSTEM',
  'DDA_STORE_MISSING',
  'DDA_STORE_CORRUPT',
  'DDA_REPLAY_MISS',
  'DDA_INTERRUPTED',
  'DDA_PLUGIN_STUCK',
])

export function isFatal(error: unknown): boolean {
  return errorChain(error).some(({ code, stopsRun }) => stopsRun || FATAL.has(code))
}

/** An error and its causes: a wrapper may have put its own name on it. */
export function errorChain(error: unknown): DdaError[] {
  const found: DdaError[] = []
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    if (isDdaError(at)) found.push(at)
  }
  return found
}

/** What masks a rollout, from whatever was thrown. The kind is the error's own, or `plugin-error` where it has none. */
export function toFailure(error: unknown, stage: Failure['stage'], plugin: string | undefined): Failure {
  const known = isDdaError(error) ? error : undefined
  const by = known?.plugin ?? plugin
  return {
    kind: known?.kind ?? 'plugin-error',
    stage,
    code: known?.code ?? 'DDA_PLUGIN_FAILED',
    message: error instanceof Error ? error.message : String(error),
    ...(known?.next !== undefined && { next: known.next }),
    ...(by !== undefined && { plugin: by }),
  }
}

export function interrupted(): DdaError {
  return errors.make('DDA_INTERRUPTED')
}

export function isInterruption(error: unknown): boolean {
  return errorChain(error).some(({ code }) => code === 'DDA_INTERRUPTED')
}
