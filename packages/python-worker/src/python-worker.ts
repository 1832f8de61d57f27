import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { NotTakenUp } from './pending-request.ts'
import { died, gone } from './worker-error.ts'
import type { PythonWorkerOptions, WorkerAnswer, WorkerHello, WorkerRequestOptions } from './worker-options.ts'
import { WorkerProcess } from './worker-process.ts'

/**
 * A Python process that works for a plugin, over frames on its pipes (frames.ts). It is started on first use or by
 * {@link start}, and started anew after a death: the request that it had in hand fails with its last words, those that
 * waited go to the new process. It ends with this process, however that ends: its standard input closes.
 */
export class PythonWorker {
  readonly #options: PythonWorkerOptions
  #process: Promise<WorkerProcess> | undefined
  #hello: WorkerHello | undefined
  #closed = false
  /** Since the last answer. */
  #deaths = 0
  #lastDeath: DdaError | undefined

  constructor(options: PythonWorkerOptions) {
    this.#options = options
  }

  /** What the running process, or else the last one, said at its start; undefined before the first. */
  get hello(): WorkerHello | undefined {
    return this.#hello
  }

  /**
   * Starts the process and runs `prepare`, where that has not happened yet.
   * @throws DdaError `DDA_WORKER_START`, `DDA_WORKER_PROTOCOL`, `DDA_WORKER_GONE`; whatever `prepare` throws
   */
  async start(signal?: AbortSignal): Promise<WorkerHello> {
    return (await this.#live(signal)).hello
  }

  /**
   * Calls a method of the worker.
   * @param params JSON
   * @throws DdaError as {@link start}; `DDA_WORKER_DIED` (kind `server`), `DDA_WORKER_TIMEOUT` (kind `timeout`),
   *   `DDA_WORKER_FAILED` or what `failure` makes of it; the signal's reason
   */
  async request(method: string, params: unknown, options: WorkerRequestOptions = {}): Promise<WorkerAnswer> {
    for (;;) {
      const process = await this.#live(options.signal)
      try {
        return await process.request(method, params, options)
      } catch (error) {
        if (!(error instanceof NotTakenUp)) throw error
        // It ended before it had taken this up: the next process may.
        await process.ended
      }
    }
  }

  /** Ends the process. Requests under way fail. May be called twice, and without a start. */
  async close(): Promise<void> {
    this.#closed = true
    const process = await this.#process?.catch(() => undefined)
    await process?.close()
  }

  #live(signal: AbortSignal | undefined): Promise<WorkerProcess> {
    if (this.#closed) {
      return Promise.reject(errors.make('DDA_WORKER_CLOSED', { name: this.#options.name }))
    }
    const { maxDeaths = 3, name } = this.#options
    if (this.#process === undefined && this.#lastDeath !== undefined && this.#deaths >= maxDeaths) {
      return Promise.reject(gone(name, this.#deaths, this.#lastDeath))
    }
    if (this.#process === undefined) {
      const starting = this.#start(() => {
        if (this.#process === starting) this.#process = undefined
      })
      this.#process = starting
    }
    return orAborted(this.#process, signal)
  }

  /** @param onEnd called where the process has ended, or never became fit for work */
  async #start(onEnd: () => void): Promise<WorkerProcess> {
    let process: WorkerProcess
    try {
      process = await WorkerProcess.start(this.#options)
    } catch (error) {
      onEnd()
      throw error
    }
    this.#hello = process.hello
    try {
      await this.#options.prepare?.(process)
    } catch (error) {
      await process.close()
      onEnd()
      throw error instanceof NotTakenUp ? died(this.#options.name, await process.ended) : error
    }
    const before = process.answers
    void process.ended.then((ending) => {
      onEnd()
      if (this.#closed) return
      this.#deaths = process.answers > before ? 1 : this.#deaths + 1
      this.#lastDeath = ending.reason ?? died(this.#options.name, ending)
      this.#options.log.warn(this.#lastDeath.message)
    })
    return process
  }
}

/** Waits no longer than the signal allows; others may go on waiting for the same. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
