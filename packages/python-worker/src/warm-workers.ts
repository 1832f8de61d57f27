import { PythonWorker } from './python-worker.ts'
import type { PythonWorkerOptions } from './worker-options.ts'

/** What plugins use of a {@link PythonWorker}. */
export type WarmConnection = Pick<PythonWorker, 'start' | 'request' | 'close' | 'hello'>

interface Warm {
  readonly worker: PythonWorker
  prepare: PythonWorkerOptions['prepare']
  failure: PythonWorkerOptions['failure']
}

/**
 * For tests: hands out processes that have served another before, because importing PyTorch takes longer than most checks.
 * `prepare` must make everything anew in them. {@link closeAll} ends them.
 */
export class WarmWorkers {
  readonly #all: Warm[] = []
  readonly #idle: Warm[] = []

  readonly connect = (options: PythonWorkerOptions): WarmConnection => {
    const warm = this.#idle.pop() ?? this.#make(options)
    warm.prepare = options.prepare
    warm.failure = options.failure
    let prepared: Promise<unknown> | undefined
    const { worker } = warm
    const ready = (): Promise<unknown> => {
      // A fresh process prepares itself when it starts, one that runs already is told to.
      prepared ??= worker.hello === undefined ? worker.start() : Promise.resolve(options.prepare?.(asProcess(worker)))
      return prepared
    }
    return {
      get hello() {
        return worker.hello
      },
      start: async (signal) => {
        await ready()
        return worker.start(signal)
      },
      request: async (method, params, more) => {
        await ready()
        return worker.request(method, params, more)
      },
      close: async () => {
        if (!this.#idle.includes(warm)) this.#idle.push(warm)
      },
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#all.map(({ worker }) => worker.close()))
  }

  #make(options: PythonWorkerOptions): Warm {
    const warm: Warm = {
      prepare: undefined,
      failure: undefined,
      worker: new PythonWorker({
        ...options,
        prepare: async (process) => warm.prepare?.(process),
        failure: (failure) => warm.failure?.(failure),
      }),
    }
    this.#all.push(warm)
    return warm
  }
}

function asProcess(worker: PythonWorker): Parameters<NonNullable<PythonWorkerOptions['prepare']>>[0] {
  return {
    hello: worker.hello,
    request: worker.request.bind(worker),
  } as unknown as Parameters<NonNullable<PythonWorkerOptions['prepare']>>[0]
}
