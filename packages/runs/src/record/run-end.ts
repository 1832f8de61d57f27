import { isDdaError } from '@dda-thinker/plugin-api'
import { errorChain } from '@dda-thinker/core'
import type { RunStatus } from './run-dir.ts'

/** Wants of the machine and its services that do not say so themselves (`stopsRun`). */
const OUTSIDE = new Set(['DDA_DISK_FULL', 'DDA_FILE_SYSTEM', 'DDA_STEP_ALL_MASKED'])

/**
 * What an error makes of a run. `stopped`: no step or rollout could have gone on (no credit, a refused key, a service that is
 * down, a full disk, an alarm); once a person has put that right, the same command continues. `failed`: anything else, most
 * often a defect of a plugin. Nothing that is recorded is lost by either.
 */
export function stateAfter(error: unknown): 'stopped' | 'failed' {
  return errorChain(error).some(({ code, stopsRun }) => stopsRun || OUTSIDE.has(code)) ? 'stopped' : 'failed'
}

/** An error as the status of a run keeps it. */
export function statusError(error: unknown): NonNullable<RunStatus['error']> {
  return {
    code: isDdaError(error) ? error.code : 'DDA_INTERNAL',
    message: error instanceof Error ? error.message : JSON.stringify(error),
    ...(isDdaError(error) && error.next !== undefined ? { next: error.next } : {}),
  }
}
