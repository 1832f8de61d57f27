import { fileURLToPath } from 'node:url'
import { isDdaError, type Logger, redact } from '@dda-thinker/plugin-api'
import {
  ensureVenv,
  PythonWorker,
  type PythonWorkerOptions,
  type ReportedFailure,
  type WorkerHello,
  type WorkerRequestOptions,
} from '@dda-thinker/python-worker'
import { errors } from './errors.ts'
import type { ThinkerOptions, TrainerOptions } from './options.ts'
import { PROTOCOL, type Opened } from './protocol.ts'
import { workerSettings, type Role } from './settings.ts'
import { isFatal, lost, toError } from './worker-failure.ts'
import { Savepoint } from './savepoint.ts'

/** Folder of the Python package `dda_torch`. */
export const PYTHON_PATH = fileURLToPath(new URL('../python', import.meta.url))

/** What this side needs of a {@link PythonWorker}. */
export type Connection = Pick<PythonWorker, 'start' | 'request' | 'close' | 'hello'>
export type Connect = (options: PythonWorkerOptions) => Connection

export interface TorchWorkerOptions {
  readonly options: TrainerOptions | ThinkerOptions
  readonly role: Role
  readonly seed: number
  readonly log: Logger
  /** Folder for links to the last saved state; see {@link Savepoint}. */
  readonly links?: string | undefined
  /** Makes the process. Default: a {@link PythonWorker}. */
  readonly connect?: Connect | undefined
}

/**
 * The worker with an open policy. A process that has died is followed by another at the next request, which opens the
 * policy again and loads the last saved state; where that is not the state that was lost, every request fails with
 * `DDA_TRAINER_LOST`.
 */
export class TorchWorker {
  readonly savepoint: Savepoint
  readonly #given: TorchWorkerOptions
  readonly #python: string
  #connection: Connection
  #opened: Opened | undefined
  /** Version of the policy in the process, or of the one that died. */
  #version = 0
  #fatal = false
  #death: unknown

  private constructor(given: TorchWorkerOptions, python: string) {
    this.#given = given
    this.#python = python
    this.savepoint = new Savepoint(given.links)
    this.#connection = this.#connect()
  }

  /** Starts the process and opens the policy. @throws DdaError of PROTOCOL.md's `open`, of the environment and the worker */
  static async open(given: TorchWorkerOptions, signal?: AbortSignal): Promise<TorchWorker> {
    const worker = new TorchWorker(given, await interpreter(given.options.python, given.log, signal))
    try {
      await worker.#connection.start(signal)
      return worker
    } catch (error) {
      await worker.close()
      throw error
    }
  }

  /** What the last `open` said. */
  get opened(): Opened {
    if (this.#opened === undefined) {
      throw errors.make('DDA_ROLE_CLOSED/policy')
    }
    return this.#opened
  }

  get hello(): WorkerHello | undefined {
    return this.#connection.hello
  }

  /** Version of the policy after the last update. */
  get version(): number {
    return this.#version
  }

  /** To be called with what an update, `load` or `state` says. */
  setVersion(version: number): void {
    this.#version = version
  }

  /** Can the policy be had again if the process dies now? One that was never updated can always. */
  get recoverable(): boolean {
    return this.#version === 0 || this.savepoint.at(this.#version) !== undefined
  }

  /** Result of a method of PROTOCOL.md. @throws DdaError with the codes there, `DDA_WORKER_...`; the signal's reason */
  async call<T>(method: string, params: unknown, options: WorkerRequestOptions = {}): Promise<T> {
    try {
      return (await this.#connection.request(method, params, options)).data as T
    } catch (error) {
      if (isDeath(error)) this.#death = error
      if (this.#fatal) await this.#replace(error)
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#connection.close()
    await this.savepoint.close()
  }

  #connect(): Connection {
    const { options, log, connect = (given) => new PythonWorker(given) } = this.#given
    const { threads, device, deadline } = options
    const processes = 'processes' in options ? options.processes : 1
    return connect({
      name: 'trainer-torch',
      python: this.#python,
      args:
        processes === 1
          ? ['-m', 'dda_torch']
          : ['-m', 'torch.distributed.run', '--standalone', `--nproc-per-node=${processes}`, '-m', 'dda_torch'],
      pythonPath: [PYTHON_PATH],
      env: {
        ...(threads !== undefined && { DDA_TORCH_THREADS: String(threads) }),
        ...(device !== undefined && { DDA_TORCH_DEVICE: device }),
      },
      log,
      startTimeoutSeconds: deadline.start,
      failure: (failure) => this.#failed(failure),
      prepare: (process) => this.#prepare(process),
    })
  }

  async #prepare(process: Pick<PythonWorker, 'request' | 'hello'>): Promise<void> {
    const { options, role, seed, log } = this.#given
    const speaks = process.hello?.capabilities['protocol']
    if (speaks !== PROTOCOL) {
      throw errors.make('DDA_WORKER_PROTOCOL/torch', { speaks: String(speaks), wanted: PROTOCOL })
    }
    const state = this.#version === 0 ? undefined : this.savepoint.at(this.#version)
    if (this.#version !== 0 && state === undefined) {
      throw lost(this.#version, this.savepoint.version, this.#death)
    }
    const { deadline } = options
    const params = { options: workerSettings(options), seed, role, modelName: redact(options.model) }
    const opened = (await process.request('open', params, { timeoutSeconds: deadline.open })).data as Opened
    if (this.#opened === undefined) log.info(describe(opened))
    this.#opened = opened
    if (state === undefined) return
    await process.request('load', { folder: state }, { timeoutSeconds: deadline.files })
    log.warn(
      `The worker died and was started anew; the policy of version ${this.#version} was loaded from what was saved`,
    )
  }

  #failed(failure: ReportedFailure): Error | undefined {
    if (isFatal(failure)) this.#fatal = true
    return toError(failure)
  }

  /** A process whose device is spoilt is of no use any more. */
  async #replace(cause: unknown): Promise<void> {
    this.#fatal = false
    this.#death = cause
    await this.#connection.close()
    this.#connection = this.#connect()
  }
}

/** Did the process end with the request in hand, through no fault of the request's own that is known? */
export function isDeath(error: unknown): boolean {
  return isDdaError(error) && error.code === 'DDA_WORKER_DIED'
}

async function interpreter(named: string | undefined, log: Logger, signal: AbortSignal | undefined): Promise<string> {
  if (named !== undefined) return named
  const { python } = await ensureVenv({ onLine: (line) => log.info(line), ...(signal !== undefined && { signal }) })
  return python
}

function describe({ model, device, dtype, memory }: Opened): string {
  const size = (count: number): string =>
    count < 1e9 ? `${(count / 1e6).toFixed(1)} M` : `${(count / 1e9).toFixed(2)} B`
  return `${model.class}: ${size(model.parameters)} weights, ${size(model.trainable)} trained, ${dtype} on ${device}. ${memory.line}`
}
