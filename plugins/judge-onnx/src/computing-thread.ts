import type { Worker } from 'node:worker_threads'
import { launchThread } from '@dda-thinker/onnx-graph'
import { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import type { PackedError, Work, WorkAnswer, WorkName, WorkRequest } from './worker-protocol.ts'

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** The thread beside the engine's that computes, and the calls that wait for it. */
export class ComputingThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #next = 0
  #ended: DdaError | undefined

  constructor() {
    this.#worker = launchThread(import.meta.url, './worker')
    this.#worker.on('message', (answer: WorkAnswer) => this.#settle(answer))
    this.#worker.on('error', (cause) => this.#end(cause))
    this.#worker.on('exit', () => this.#end(undefined))
    // What is left to compute must not keep a finished program alive.
    this.#worker.unref()
  }

  /** An abort gives up waiting; what the thread has begun it ends for nothing. */
  async do<N extends WorkName>(name: N, args: Work[N]['args'], signal?: AbortSignal): Promise<Work[N]['result']> {
    signal?.throwIfAborted()
    if (this.#ended !== undefined) throw this.#ended
    const id = this.#next++
    let giveUp: (() => void) | undefined
    try {
      return (await new Promise<unknown>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject })
        giveUp = () => reject(signal?.reason as Error)
        signal?.addEventListener('abort', giveUp, { once: true })
        this.#worker.ref()
        this.#worker.postMessage({ id, name, args } satisfies WorkRequest<N>, [])
      })) as Work[N]['result']
    } finally {
      if (giveUp !== undefined) signal?.removeEventListener('abort', giveUp)
      this.#waiting.delete(id)
      if (this.#waiting.size === 0) this.#worker.unref()
    }
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) await this.do('close', null).catch(() => undefined)
    await this.#worker.terminate()
  }

  #settle(answer: WorkAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    if ('error' in answer) waiting?.reject(unpack(answer.error))
    else waiting?.resolve(answer.result)
  }

  #end(cause: unknown): void {
    this.#ended ??= errors.make(
      'DDA_JUDGE_WORKER/ended',
      {},
      { kind: 'unavailable', stopsRun: true, ...(cause === undefined ? {} : { cause }) },
    )
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
  }
}

function unpack({ message, stack, code, details }: PackedError): DdaError {
  const error =
    code === undefined
      ? errors.make('DDA_JUDGE_WORKER/defect', { message }, { kind: 'plugin-error' })
      : new DdaError(code, message, { kind: 'plugin-error', ...details })
  if (stack !== undefined) error.stack = stack
  return error
}
