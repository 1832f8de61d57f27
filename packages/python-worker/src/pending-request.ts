import { Deferred } from './deferred.ts'
import type { WorkerAnswer, WorkerRequestOptions } from './worker-options.ts'

/** The process ended before it had taken the request up, so that the next one may. */
export class NotTakenUp extends Error {}

/** A request on its way: its deadline, and its one end. */
export class PendingRequest {
  readonly #options: WorkerRequestOptions
  readonly #onDeadline: () => void
  readonly #settled = new Deferred<WorkerAnswer>()
  #deadline: NodeJS.Timeout | undefined
  #grace: NodeJS.Timeout | undefined
  #started = false
  #done = false

  constructor(options: WorkerRequestOptions, onDeadline: () => void) {
    this.#options = options
    this.#onDeadline = onDeadline
  }

  get promise(): Promise<WorkerAnswer> {
    return this.#settled.promise
  }

  /** The worker has taken it up; its time runs. */
  start(): void {
    this.#started = true
    const { timeoutSeconds } = this.#options
    if (timeoutSeconds !== undefined && !this.#done) {
      this.#deadline = setTimeout(this.#onDeadline, Math.min(timeoutSeconds * 1000, 2 ** 31 - 1))
    }
  }

  /** Until the worker's own end of this request, `onOver` waits to run. */
  startGrace(onOver: () => void, milliseconds: number): void {
    this.#grace = setTimeout(onOver, milliseconds)
  }

  event(data: unknown, parts: readonly Uint8Array[]): void {
    if (this.#done) return
    try {
      this.#options.onEvent?.(data, parts)
    } catch (error) {
      this.reject(error)
    }
  }

  resolve(answer: WorkerAnswer): void {
    clearTimeout(this.#grace)
    this.#finish()
    this.#settled.resolve(answer)
  }

  /** Also after a time-out, when the worker at last answers: that ends its grace, and nothing else. */
  reject(error: unknown): void {
    clearTimeout(this.#grace)
    this.#finish()
    this.#settled.reject(error)
  }

  /** The process is gone. */
  abandon(error: unknown): void {
    this.reject(this.#started ? error : new NotTakenUp())
  }

  #finish(): void {
    this.#done = true
    clearTimeout(this.#deadline)
  }
}
