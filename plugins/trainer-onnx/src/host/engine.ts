import type { Worker } from 'node:worker_threads'
import { launchThread } from '@dda-thinker/onnx-graph'
import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import { unpackError } from '../protocol/worker-error.ts'
import type { WorkerMethod, WorkerMethods, WorkerRequest, WorkerResponse } from '../protocol/worker-protocol.ts'

interface Pending {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: DdaError) => void
}

/** The learner, in a thread of its own. Calls are answered in order; the calling thread stays free. */
export class Engine {
  private readonly worker: Worker
  private readonly pending = new Map<number, Pending>()
  private calls = 0
  private dead: DdaError | undefined

  private constructor() {
    this.worker = launchThread(import.meta.url, '../worker/worker')
    this.worker.on('message', (response: WorkerResponse) => this.settle(response))
    this.worker.on('error', (cause) => this.die('the trainer thread failed', cause))
    this.worker.on('exit', (code) => this.die(`the trainer thread ended with code ${code}`))
    // Idle, it must not keep the process alive; while a call is pending it does.
    this.worker.unref()
  }

  /** @param theta flat weights; moved to the worker, unusable here afterwards. */
  static async start(settings: LearnerSettings, theta: Float32Array): Promise<Engine> {
    const engine = new Engine()
    try {
      await engine.call('start', { settings, theta }, { transfer: [theta.buffer as ArrayBuffer] })
      return engine
    } catch (error) {
      await engine.terminate()
      throw error
    }
  }

  /** @throws DdaError with the code it had in the worker, or `DDA_TRAINER_WORKER` when the thread is gone. */
  call<M extends WorkerMethod>(
    method: M,
    args: WorkerMethods[M]['args'],
    options: { readonly transfer?: readonly ArrayBuffer[]; readonly signal?: AbortSignal } = {},
  ): Promise<WorkerMethods[M]['result']> {
    if (this.dead !== undefined) return Promise.reject(this.dead)
    const cancel = new Int32Array(new SharedArrayBuffer(4))
    const onAbort = (): void => void Atomics.store(cancel, 0, 1)
    if (options.signal?.aborted === true) onAbort()
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const id = ++this.calls
    return new Promise<WorkerMethods[M]['result']>((resolve, reject) => {
      if (this.pending.size === 0) this.worker.ref()
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject })
      const request: WorkerRequest<M> = { id, method, args, cancel }
      try {
        this.worker.postMessage(request, options.transfer ?? [])
      } catch (cause) {
        this.settle({ id, error: { name: 'Error', message: String(cause), stack: undefined } })
      }
    }).finally(() => options.signal?.removeEventListener('abort', onAbort))
  }

  /** Frees the sessions and ends the thread. */
  async stop(): Promise<void> {
    if (this.dead === undefined) await this.call('stop', null)
    await this.terminate()
  }

  private async terminate(): Promise<void> {
    this.die('the trainer is closed')
    await this.worker.terminate()
  }

  private settle(response: WorkerResponse): void {
    const call = this.pending.get(response.id)
    this.pending.delete(response.id)
    if (this.pending.size === 0) this.worker.unref()
    if ('error' in response) call?.reject(unpackError(response.error))
    else call?.resolve(response.result)
  }

  /** Stops the run: without its policy every rollout would be masked, for good, and each is still to be had when it is started again. */
  private die(message: string, cause?: unknown): void {
    const details = { kind: 'unavailable', stopsRun: true, cause } as const
    this.dead ??= errors.make('DDA_TRAINER_WORKER/ended', { problem: message }, details)
    for (const call of this.pending.values()) call.reject(this.dead)
    this.pending.clear()
  }
}
