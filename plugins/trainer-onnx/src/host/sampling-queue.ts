import type { EncodedInput } from './encoder.ts'
import { ImageTable } from './encoder.ts'
import type { Engine } from './engine.ts'
import type { SampledPlan } from '../protocol/plan-rows.ts'

interface Waiting {
  readonly input: EncodedInput
  readonly seed: number
  readonly temperature: number
  readonly signal: AbortSignal
  readonly resolve: (plan: SampledPlan) => void
  readonly reject: (error: unknown) => void
}

/**
 * Joins requests, from whichever calls they come, into micro-batches. Each worker samples one while the plans of the one before
 * go their way; a second one for each is sent ahead only when it is full, so that late-comers share a batch.
 */
export class SamplingQueue {
  private readonly engine: Engine
  private readonly microBatch: number
  private readonly workers: number
  private readonly waiting: Waiting[] = []
  private inFlight = 0
  private scheduled = false

  constructor(engine: Engine, microBatch: number, workers: number) {
    this.engine = engine
    this.microBatch = microBatch
    this.workers = workers
  }

  /** Resolves when the plan is sampled; rejects with the signal's reason when it is aborted before. */
  add(input: EncodedInput, seed: number, temperature: number, signal: AbortSignal): Promise<SampledPlan> {
    return new Promise<SampledPlan>((resolve, reject) => {
      this.waiting.push({ input, seed, temperature, signal, resolve, reject })
      this.schedule()
    })
  }

  /** Lets the requests of the current turn of the event loop come together first. */
  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.send()
    })
  }

  private send(): void {
    while (this.waiting.length > 0 && this.inFlight < (this.isFull() ? 2 : 1) * this.workers) {
      const batch = this.waiting.splice(0, this.microBatch).filter(({ signal, reject }) => {
        if (signal.aborted) reject(signal.reason)
        return !signal.aborted
      })
      if (batch.length > 0) void this.sample(batch)
    }
  }

  private isFull(): boolean {
    return this.waiting.length >= this.microBatch
  }

  private async sample(batch: readonly Waiting[]): Promise<void> {
    this.inFlight++
    try {
      const table = new ImageTable()
      const rows = batch.map(({ input, seed, temperature }) => ({
        image: table.place(input.image),
        prompt: input.prompt,
        seed,
        temperature,
      }))
      const plans = await this.engine.call('sample', { images: table.images, rows })
      for (const [i, plan] of plans.entries()) batch[i]?.resolve(plan)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.inFlight--
      this.schedule()
    }
  }
}
