import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import type { ReportedFailure } from './worker-options.ts'

/** How a process ended. */
export interface Ending {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  /** Last lines of its standard error. */
  readonly words: string
  /** Why it was ended from this side. */
  readonly reason?: DdaError
}

const said = (words: string): string => (words === '' ? 'It said nothing.' : `Its last words:\n${words}`)

/** `DDA_WORKER_START`: no handshake came. */
export function notStarted(name: string, what: string, words: string, cause?: unknown): DdaError {
  return errors.make('DDA_WORKER_START/silent', { name, what, said: said(words) }, { kind: 'unavailable', cause })
}

/** `DDA_WORKER_DIED`: the process ended with work in hand. */
export function died(name: string, { exitCode, signal, words }: Ending): DdaError {
  const how = signal === undefined ? `with status ${exitCode ?? 'unknown'}` : `by ${signal}`
  return errors.make(
    signal === 'SIGKILL' ? 'DDA_WORKER_DIED/killed' : 'DDA_WORKER_DIED/ended',
    { name, how, said: said(words) },
    { kind: 'server' },
  )
}

/** `DDA_WORKER_GONE`: it died too often; the run ends, resumably. */
export function gone(name: string, deaths: number, last: DdaError): DdaError {
  const holes = { name, deaths, why: last.message }
  const details = { kind: 'unavailable', stopsRun: true, cause: last } as const
  return last.next === undefined
    ? errors.make('DDA_WORKER_GONE', holes, details)
    : errors.make('DDA_WORKER_GONE/advice', { ...holes, next: last.next }, details)
}

/** `DDA_WORKER_TIMEOUT`: a request took too long. */
export function tooLong(name: string, method: string, seconds: number): DdaError {
  return errors.make('DDA_WORKER_TIMEOUT', { name, method, seconds }, { kind: 'timeout' })
}

/** `DDA_WORKER_FAILED`: a handler failed in a way that the plugin has no code for. */
export function failed(name: string, { reason, message }: ReportedFailure): DdaError {
  return errors.make('DDA_WORKER_FAILED', { name, reason, message }, { kind: 'plugin-error' })
}
