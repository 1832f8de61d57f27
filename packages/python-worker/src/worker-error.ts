import { DdaError } from '@dda-thinker/plugin-api'
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
  return new DdaError('DDA_WORKER_START', `The Python worker of ${name} did not start: ${what}. ${said(words)}`, {
    kind: 'unavailable',
    next: 'Run the same command with --debug, and check that the interpreter has the packages that the worker imports.',
    cause,
  })
}

/** `DDA_WORKER_DIED`: the process ended with work in hand. */
export function died(name: string, { exitCode, signal, words }: Ending): DdaError {
  const how = signal === undefined ? `with status ${exitCode ?? 'unknown'}` : `by ${signal}`
  return new DdaError('DDA_WORKER_DIED', `The Python worker of ${name} ended ${how} while it worked. ${said(words)}`, {
    kind: 'server',
    next:
      signal === 'SIGKILL'
        ? 'Something killed it, most often the system for want of memory: use a smaller model, batch or picture.'
        : 'Read its last words; the next request starts a new one.',
  })
}

/** `DDA_WORKER_GONE`: it died too often; the run ends, resumably. */
export function gone(name: string, deaths: number, last: DdaError): DdaError {
  return new DdaError(
    'DDA_WORKER_GONE',
    `The Python worker of ${name} died ${deaths} times in a row: ${last.message}`,
    {
      kind: 'unavailable',
      stopsRun: true,
      next: last.next ?? 'Put right what its last words say; the same command continues.',
      cause: last,
    },
  )
}

/** `DDA_WORKER_TIMEOUT`: a request took too long. */
export function tooLong(name: string, method: string, seconds: number): DdaError {
  return new DdaError('DDA_WORKER_TIMEOUT', `The Python worker of ${name} gave no ${method} within ${seconds} s`, {
    kind: 'timeout',
    next: 'Raise the time-out, or give it less to do.',
  })
}

/** `DDA_WORKER_FAILED`: a handler failed in a way that the plugin has no code for. */
export function failed(name: string, { reason, message }: ReportedFailure): DdaError {
  return new DdaError('DDA_WORKER_FAILED', `The Python worker of ${name} reports ${reason}: ${message}`, {
    kind: 'plugin-error',
    next: 'Run with --debug: the log holds the traceback.',
  })
}
