import type { Logger } from '@dda-thinker/plugin-api'
import type { WorkerProcess } from './worker-process.ts'

export interface PythonWorkerOptions {
  /** Who speaks, in messages and logs: the plugin's name. */
  readonly name: string
  /** The interpreter, from `ensureVenv` or the user's own. */
  readonly python: string
  /** What follows the interpreter: the path of a script that makes a `dda_worker.Worker`, and its arguments. */
  readonly args: readonly string[]
  /** Folders for PYTHONPATH; that of `dda_worker` always is on it. */
  readonly pythonPath?: readonly string[]
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Gets every line that the worker writes to standard error, as `debug`. */
  readonly log: Logger
  /** Seconds until the handshake. Default 300: importing PyTorch from a cold disk takes its time. */
  readonly startTimeoutSeconds?: number
  /** Seconds in which a worker must answer after its deadline has passed, before it is killed. Default 30. */
  readonly cancelGraceSeconds?: number
  /** Seconds to end by itself at {@link PythonWorker.close}, before it is killed. Default 10. */
  readonly closeGraceSeconds?: number
  /** Deaths in a row, with no answer in between, before no new one is started. Default 3. */
  readonly maxDeaths?: number
  /** Runs after every start, before any other request: loads the model. What it throws fails the start. */
  readonly prepare?: (process: WorkerProcess) => Promise<void>
  /** Makes the error of a `Failure` that the worker reported; undefined leaves it to `DDA_WORKER_FAILED`. */
  readonly failure?: (failure: ReportedFailure) => Error | undefined
}

/** A `dda_worker.Failure`; `reason` is `exception` where a handler threw something else. */
export interface ReportedFailure {
  readonly reason: string
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface WorkerRequestOptions {
  /** Binary attachments. */
  readonly parts?: readonly Uint8Array[]
  readonly signal?: AbortSignal
  /** Seconds from the moment the worker takes the request up; waiting for its turn does not count. Default: none. */
  readonly timeoutSeconds?: number
  /** What the handler sends before its result, in order. */
  readonly onEvent?: (data: unknown, parts: readonly Uint8Array[]) => void
}

export interface WorkerAnswer {
  readonly data: unknown
  readonly parts: readonly Uint8Array[]
}

/** What a worker says of itself at the start. */
export interface WorkerHello {
  readonly name: string
  readonly version: string
  /** Version of the interpreter, such as `3.11.7`. */
  readonly python: string
  readonly pid: number
  readonly capabilities: Readonly<Record<string, unknown>>
}
