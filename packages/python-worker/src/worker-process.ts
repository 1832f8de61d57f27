import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DdaError } from '@dda-thinker/plugin-api'
import { execa } from 'execa'
import { Deferred } from './deferred.ts'
import { errors } from './errors.ts'
import { encodeFrame, FrameReader, type Frame } from './frames.ts'
import { LogTail } from './log-tail.ts'
import { PendingRequest } from './pending-request.ts'
import { died, type Ending, failed, notStarted, tooLong } from './worker-error.ts'
import type {
  PythonWorkerOptions,
  ReportedFailure,
  WorkerAnswer,
  WorkerHello,
  WorkerRequestOptions,
} from './worker-options.ts'

/** Version of the protocol; python/dda_worker/worker.py says the same. */
const PROTOCOL = 1
const MODULE = fileURLToPath(new URL('../python', import.meta.url))
/** A group of its own lets everything that the worker has started be ended with it. */
const GROUP = process.platform !== 'win32'

type Child = ReturnType<typeof spawn>

/** One process of a worker, from its start to its end; {@link PythonWorker} starts the next one. */
export class WorkerProcess {
  /** Settles when the process has ended, and never rejects. */
  readonly ended: Promise<Ending>
  readonly #options: PythonWorkerOptions
  readonly #child: Child
  readonly #tail: LogTail
  readonly #pending = new Map<number, PendingRequest>()
  readonly #greeted = new Deferred<WorkerHello>()
  #hello: WorkerHello | undefined
  #reason: DdaError | undefined
  #nextId = 1
  #answers = 0

  private constructor(options: PythonWorkerOptions) {
    this.#options = options
    this.#tail = new LogTail((line) => options.log.debug(`${options.name}: ${line}`))
    this.#child = spawn(options)
    const reader = new FrameReader()
    this.#child.stdin.on('error', () => undefined)
    this.#child.stdout.on('error', () => undefined)
    this.#child.stdout.on('data', (chunk: Buffer) => this.#read(reader, chunk))
    this.#child.stderr.on('error', () => undefined)
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#tail.push(text))
    this.#greeted.promise.catch(() => undefined)
    this.ended = this.#end()
  }

  /**
   * Starts a process and waits for its handshake; `prepare` is not run.
   * @throws DdaError `DDA_WORKER_START`, `DDA_WORKER_PROTOCOL`; the signal's reason
   */
  static async start(options: PythonWorkerOptions, signal?: AbortSignal): Promise<WorkerProcess> {
    signal?.throwIfAborted()
    const started = new WorkerProcess(options)
    const seconds = options.startTimeoutSeconds ?? 300
    const timer = setTimeout(() => {
      started.kill(notStarted(options.name, `no handshake within ${seconds} s`, started.#tail.words))
    }, seconds * 1000)
    const onAbort = (): void => started.kill()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await started.#greeted.promise
      return started
    } catch (error) {
      await started.ended
      signal?.throwIfAborted()
      throw error
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  get hello(): WorkerHello {
    if (this.#hello === undefined) throw errors.make('DDA_WORKER_START/hello')
    return this.#hello
  }

  /** Results and failures that it has reported so far. */
  get answers(): number {
    return this.#answers
  }

  /** @see PythonWorker.request. @throws also `NotTakenUp`: the process ended before it took the request up */
  async request(method: string, params: unknown, options: WorkerRequestOptions = {}): Promise<WorkerAnswer> {
    const { signal, timeoutSeconds, parts = [] } = options
    signal?.throwIfAborted()
    const id = this.#nextId++
    const pending = new PendingRequest(options, () => {
      const error = tooLong(this.#options.name, method, timeoutSeconds ?? 0)
      this.#cancel(id)
      pending.reject(error)
      const patience = (this.#options.cancelGraceSeconds ?? 30) * 1000
      // A worker that does not even notice the cancelling is stuck, and so is everything behind this request.
      pending.startGrace(() => this.kill(error), patience)
    })
    const onAbort = (): void => {
      this.#cancel(id)
      pending.reject(signal?.reason)
    }
    this.#pending.set(id, pending)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      this.#send({ header: { type: 'request', id, method, params: params ?? null }, parts })
      return await pending.promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Ends the process now, with everything that it has started. */
  kill(reason?: DdaError): void {
    this.#reason ??= reason
    this.#greeted.reject(reason ?? new Error('ended from this side'))
    signalAll(this.#child)
  }

  /** Closes its standard input, which ends it, and kills it where that takes too long. */
  async close(): Promise<void> {
    this.#child.stdin.end()
    const timer = setTimeout(() => signalAll(this.#child), (this.#options.closeGraceSeconds ?? 10) * 1000)
    await this.ended
    clearTimeout(timer)
  }

  #send(frame: Frame): void {
    if (!this.#child.stdin.writable) return
    for (const bytes of encodeFrame(frame)) this.#child.stdin.write(bytes)
  }

  #cancel(id: number): void {
    this.#send({ header: { type: 'cancel', id }, parts: [] })
  }

  #read(reader: FrameReader, chunk: Buffer): void {
    try {
      for (const frame of reader.push(chunk)) this.#receive(frame)
    } catch (error) {
      this.kill(error as DdaError)
    }
  }

  #receive({ header, parts }: Frame): void {
    if (header.type === 'hello') {
      this.#welcome(header)
      return
    }
    const id = header.id as number
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    if (header.type === 'started') pending.start()
    if (header.type === 'event') pending.event(header.data, parts)
    if (header.type !== 'result' && header.type !== 'error') return
    this.#pending.delete(id)
    this.#answers += 1
    if (header.type === 'result') pending.resolve({ data: header.data, parts })
    else pending.reject(this.#failure(header))
  }

  #welcome(header: Readonly<Record<string, unknown>>): void {
    if (header.protocol !== PROTOCOL) {
      const speaks = `speaks protocol ${String(header.protocol)}, this side ${PROTOCOL}`
      throw errors.make('DDA_WORKER_PROTOCOL/version', { name: this.#options.name, speaks })
    }
    this.#hello = header as unknown as WorkerHello
    this.#greeted.resolve(this.#hello)
  }

  #failure(header: Readonly<Record<string, unknown>>): Error {
    const reported: ReportedFailure = {
      reason: String(header.reason),
      message: String(header.message),
      data: (header.data ?? {}) as Readonly<Record<string, unknown>>,
    }
    return this.#options.failure?.(reported) ?? failed(this.#options.name, reported)
  }

  async #end(): Promise<Ending> {
    const { exitCode, signal, cause } = await this.#child
    signalAll(this.#child)
    this.#tail.end()
    const ending: Ending = {
      exitCode,
      signal,
      words: this.#tail.words,
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    }
    const what = cause instanceof Error ? cause.message : `it ended ${signal ?? `with status ${exitCode ?? 'unknown'}`}`
    this.#greeted.reject(notStarted(this.#options.name, what, ending.words, cause))
    const error = this.#reason ?? died(this.#options.name, ending)
    for (const pending of this.#pending.values()) pending.abandon(error)
    this.#pending.clear()
    return ending
  }
}

function spawn({ python, args, env, pythonPath = [], cwd, closeGraceSeconds = 10 }: PythonWorkerOptions) {
  const path = [MODULE, ...pythonPath, ...(process.env.PYTHONPATH === undefined ? [] : [process.env.PYTHONPATH])]
  return execa(python, args, {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    detached: GROUP,
    cwd: cwd ?? process.cwd(),
    env: {
      ...env,
      PYTHONPATH: path.join(delimiter),
      PYTHONUNBUFFERED: '1',
      PYTHONIOENCODING: 'utf-8',
      DDA_WORKER_LINGER: String(closeGraceSeconds / 2),
    },
  })
}

/** Ends a process and its group; those that have ended already are no error. */
function signalAll(child: Child): void {
  if (child.pid === undefined) return
  try {
    if (GROUP) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch {
    // Nobody is left.
  }
}
