import { fileURLToPath } from 'node:url'
import { type DdaError, roleClosed, type Logger } from '@dda-thinker/plugin-api'
import {
  codedFailure,
  existingVenv,
  type PythonWorker,
  type PythonWorkerOptions,
  type WireImage,
} from '@dda-thinker/python-worker'
import { errors } from './errors.ts'
import type { OneDeviceOptions } from './options.ts'
import { workerSettings } from './settings.ts'

/** Folder of the Python package `dda_diffusers`. */
export const PYTHON_PATH = fileURLToPath(new URL('../python', import.meta.url))

/** What this side needs of a {@link PythonWorker}. */
export type Connection = Pick<PythonWorker, 'start' | 'request' | 'close'>
export type Connect = (options: PythonWorkerOptions) => Connection

/** What `open` of the worker says (python/dda_diffusers/service.py). */
export interface Opened {
  readonly pipeline: string
  /** `name@commit`, or a hash of the folder. */
  readonly model: string
  /** Version of diffusers. */
  readonly diffusers: string
  readonly device: string
  readonly deviceName: string
  readonly dtype: string
  /** Bytes on the device at most so far; null where they are not known. */
  readonly memory: number | null
  /** Edits share calls. */
  readonly batches: boolean
  /** Tokens of the longest plan that the pipeline reads to its end; null where it is not known. */
  readonly room: number | null
  readonly why: string
}

export interface WireEdit {
  readonly images: readonly WireImage[]
  readonly plan: string
  readonly seed: number
}

/** Nothing that a rollout could escape. */
const STOPPING: ReadonlySet<string> = new Set([
  'DDA_CONFIG_INVALID',
  'DDA_EDITOR_PARAM',
  'DDA_EDITOR_PIPELINE',
  'DDA_MODEL_NOT_FOUND',
  'DDA_MODEL_UNSUPPORTED',
])

export interface OpenWorker {
  readonly log: Logger
  /** Of the run: ends the loading of a model. */
  readonly signal: AbortSignal
  readonly connect: Connect
  /** What the worker of another device has said: this one must have the same weights, and need not find out about batches. */
  readonly like?: Opened
}

/** The worker with a loaded pipeline. A process that has died is followed by another, which loads it again. */
export class PipelineWorker {
  readonly #options: OneDeviceOptions
  readonly #log: Logger
  readonly #connection: Connection
  readonly #signal: AbortSignal
  readonly #like: Opened | undefined
  #opened: Opened | undefined

  private constructor(options: OneDeviceOptions, python: string, { log, signal, connect, like }: OpenWorker) {
    this.#options = options
    this.#log = log
    this.#signal = signal
    this.#like = like
    const { threads, deadline } = options
    this.#connection = connect({
      name: 'editor-diffusers',
      python,
      args: ['-m', 'dda_diffusers'],
      pythonPath: [PYTHON_PATH],
      ...(threads !== undefined && { env: { DDA_DIFFUSERS_THREADS: String(threads) } }),
      log,
      startTimeoutSeconds: deadline.start,
      failure: (failure) =>
        failure.reason === 'cancelled' ? closed() : codedFailure(failure, { tables: [errors], stopping: STOPPING }),
      prepare: (process) => this.#prepare(process),
    })
  }

  /**
   * Starts the process and loads the pipeline.
   *
   * @throws DdaError `DDA_EDITOR_ENVIRONMENT` where there is no Python environment; of the worker's `open`; `DDA_WORKER_...`
   */
  static async open(options: OneDeviceOptions, given: OpenWorker): Promise<PipelineWorker> {
    given.signal.throwIfAborted()
    const worker = new PipelineWorker(options, options.python ?? (await sharedPython()), given)
    try {
      await worker.#connection.start(given.signal)
      return worker
    } catch (error) {
      await worker.close()
      throw error
    }
  }

  /** What the last `open` said. */
  get opened(): Opened {
    if (this.#opened === undefined) throw roleClosed('editor-diffusers')
    return this.#opened
  }

  /** @throws DdaError of the worker's `edit`, `DDA_WORKER_DIED`, `DDA_WORKER_TIMEOUT`; the signal's reason */
  async edit(edit: WireEdit, signal: AbortSignal): Promise<{ readonly png: Uint8Array; readonly sha256: string }> {
    const { data, parts } = await this.#connection.request('edit', edit, {
      signal,
      timeoutSeconds: this.#options.deadline.edit,
      onEvent: (event) => this.#warn(event),
    })
    const [png = new Uint8Array()] = parts
    return { png, sha256: (data as { readonly sha256: string }).sha256 }
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  async #prepare(process: Pick<PythonWorker, 'request'>): Promise<void> {
    const before = this.#opened ?? this.#like
    // What was found out about batches and plans holds for the same pipeline in another process too.
    const settings = {
      ...workerSettings(this.#options),
      ...(before !== undefined && { batches: before.batches, room: before.room }),
    }
    const { data } = await process.request(
      'open',
      { settings },
      { signal: this.#signal, timeoutSeconds: this.#options.deadline.open, onEvent: (event) => this.#warn(event) },
    )
    const opened = data as Opened
    if (before !== undefined && before.model !== opened.model) throw changed(before, opened)
    if (this.#opened === undefined) this.#log.info(describe(opened, this.#options))
    this.#opened = opened
  }

  #warn(event: unknown): void {
    const { warning } = event as { readonly warning?: string }
    if (warning !== undefined) this.#log.warn(`editor-diffusers: ${warning}`)
  }
}

/** Only what nobody on this side has given up can end like this: the worker saw its pipe close. */
function closed(): DdaError {
  return errors.make('DDA_ROLE_CLOSED/at-work', {}, { kind: 'unavailable' })
}

async function sharedPython(): Promise<string> {
  const venv = await existingVenv()
  if (venv !== undefined) return venv.python
  throw errors.make('DDA_EDITOR_ENVIRONMENT', {}, { kind: 'unavailable', stopsRun: true })
}

function changed(before: Opened, now: Opened): DdaError {
  return errors.make(
    'DDA_EDITOR_CHANGED',
    { before: before.model, now: now.model },
    { kind: 'unavailable', stopsRun: true },
  )
}

function describe(
  { pipeline, model, dtype, device, deviceName, memory, batches, room, why }: Opened,
  options: OneDeviceOptions,
) {
  const where = device === deviceName ? device : `${device} (${deviceName})`
  const peak = memory === null ? '' : `, ${(memory / 2 ** 30).toFixed(1)} GiB at most so far`
  const together = batches ? `up to ${options.batch} edits at once` : 'one edit at a time'
  const plans = room === null ? '' : `; plans of up to ${room} tokens`
  return `${pipeline} of ${model}, ${dtype} on ${where}${peak}${plans}; ${together} (${why})`
}
