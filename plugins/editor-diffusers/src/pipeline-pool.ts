import type { DiffusersOptions } from './options.ts'
import { type Opened, type OpenWorker, PipelineWorker, type WireEdit } from './pipeline-worker.ts'
import { byDevice } from './settings.ts'

interface Seat {
  readonly worker: PipelineWorker
  /** Edits that it has not answered. */
  edits: number
}

/** The same pipeline on one device or several, a process each; an edit goes to the one that has the fewest in hand. */
export class PipelinePool {
  readonly #seats: readonly Seat[]

  private constructor(workers: readonly PipelineWorker[]) {
    this.#seats = workers.map((worker) => ({ worker, edits: 0 }))
  }

  /** @throws as {@link PipelineWorker.open}; all processes are ended then */
  static async open(options: DiffusersOptions, given: Omit<OpenWorker, 'like'>): Promise<PipelinePool> {
    const [one, ...more] = byDevice(options)
    // The first finds out whether the settings work; what it says holds for the others.
    const first = await PipelineWorker.open(one, given)
    const rest = await Promise.allSettled(
      more.map((each) => PipelineWorker.open(each, { ...given, like: first.opened })),
    )
    const workers = [first, ...rest.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))]
    const failed = rest.find((each) => each.status === 'rejected')
    if (failed === undefined) return new PipelinePool(workers)
    await Promise.all(workers.map((worker) => worker.close()))
    throw failed.reason
  }

  /** What a worker said; all have the same weights. */
  get opened(): Opened {
    return this.#least().worker.opened
  }

  /** @throws as {@link PipelineWorker.edit} */
  async edit(edit: WireEdit, signal: AbortSignal): ReturnType<PipelineWorker['edit']> {
    const seat = this.#least()
    seat.edits += 1
    try {
      return await seat.worker.edit(edit, signal)
    } finally {
      seat.edits -= 1
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#seats.map(({ worker }) => worker.close()))
  }

  #least(): Seat {
    return this.#seats.reduce((least, seat) => (seat.edits < least.edits ? seat : least))
  }
}
