import type { Worker } from 'node:worker_threads'
import { launchThread } from '@dda-thinker/onnx-graph'
import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import { unpackError } from '../protocol/worker-error.ts'
import type { DrawnPlan } from './draw-plans.ts'
import type { ReplicaReply, ReplicaRequest } from './replica-messages.ts'
import type { GraphJob, GraphOutputs, Replicas, SampleJob, WeightSets } from './replica.ts'

interface Task {
  readonly request: ReplicaRequest
  readonly resolve: (result: unknown) => void
  readonly reject: (error: DdaError) => void
}

/** A thread, and what it works on. */
interface Thread {
  readonly worker: Worker
  task: Task | undefined
  ended: boolean
}

/**
 * Replicas of the network in threads of their own, one processor each: one session over several processors leaves them waiting for each
 * other at every operator. Threads are started when there is work that no other one is free for. Which of them does a job changes nothing
 * of what comes out.
 */
export class ReplicaPool implements Replicas {
  readonly #settings: LearnerSettings
  readonly #weights: WeightSets
  readonly #launch: () => Worker
  readonly #threads: Thread[] = []
  readonly #waiting: Task[] = []
  #dead: DdaError | undefined

  /**
   * @param weights in shared memory; must not change while there are jobs
   * @param launch starts a thread that serves replica messages
   */
  constructor(
    settings: LearnerSettings,
    weights: WeightSets,
    launch: () => Worker = () => launchThread(import.meta.url, './replica-thread'),
  ) {
    this.#settings = settings
    this.#weights = weights
    this.#launch = launch
  }

  /** One more for each thread than it works on, so that none waits for the next one to be packed. */
  get limit(): number {
    return 2 * this.#settings.session.workers
  }

  /** @throws DdaError as the runtime's, or `DDA_TRAINER_WORKER` when a thread has ended */
  run(job: GraphJob, gradient?: Float32Array): Promise<GraphOutputs> {
    return this.#ask<GraphOutputs>({ what: 'run', job, gradient })
  }

  /** @throws DdaError as {@link run} */
  sample(job: SampleJob): Promise<DrawnPlan[]> {
    return this.#ask<DrawnPlan[]>({ what: 'sample', job })
  }

  /** Frees the sessions and ends the threads, when they have done what they are at. */
  async close(): Promise<void> {
    this.#die('the trainer is closed')
    await Promise.all(this.#threads.map((thread) => close(thread)))
  }

  #ask<R>(request: ReplicaRequest): Promise<R> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead)
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ request, resolve: resolve as Task['resolve'], reject })
      this.#assign()
    })
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const free = this.#threads.find(({ task }) => task === undefined) ?? this.#start()
      if (free === undefined) return
      free.task = this.#waiting.shift() as Task
      free.worker.postMessage(free.task.request, [])
    }
  }

  /** One more thread; undefined if there are as many as there should be. */
  #start(): Thread | undefined {
    if (this.#threads.length >= this.#settings.session.workers) return undefined
    const thread: Thread = { worker: this.#launch(), task: undefined, ended: false }
    thread.worker.on('message', (reply: ReplicaReply) => this.#settle(thread, reply))
    thread.worker.on('error', (cause) => this.#die('a thread that computes failed', cause))
    thread.worker.on('exit', (code) => {
      thread.ended = true
      this.#die(`a thread that computes ended with code ${code}`)
    })
    const opening: ReplicaRequest = { what: 'open', settings: this.#settings, weights: this.#weights }
    thread.worker.postMessage(opening, [])
    this.#threads.push(thread)
    return thread
  }

  #settle(thread: Thread, reply: ReplicaReply): void {
    const { task } = thread
    thread.task = undefined
    // First: the thread is idle until then.
    this.#assign()
    if ('error' in reply) task?.reject(unpackError(reply.error))
    else task?.resolve(reply.result)
  }

  /** Nothing is repeated: why a thread ended is not known, and the state of before the call is still there. */
  #die(problem: string, cause?: unknown): void {
    if (this.#dead !== undefined) return
    this.#dead = errors.make('DDA_TRAINER_WORKER/ended', { problem }, { kind: 'unavailable', stopsRun: true, cause })
    const unfinished = [...this.#threads.map(({ task }) => task), ...this.#waiting.splice(0)]
    for (const task of unfinished) task?.reject(this.#dead)
  }
}

/** A thread that is ended inside a call of the runtime takes the process along. */
async function close(thread: Thread): Promise<void> {
  if (thread.task !== undefined) await answered(thread)
  if (!thread.ended) {
    const closing: ReplicaRequest = { what: 'close' }
    thread.worker.postMessage(closing, [])
    await answered(thread)
  }
  await thread.worker.terminate()
}

async function answered({ worker, ended }: Thread): Promise<void> {
  if (ended) return
  await new Promise<void>((resolve) => {
    worker.once('message', () => resolve())
    worker.once('exit', () => resolve())
  })
}
