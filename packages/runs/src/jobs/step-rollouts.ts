import type { Plan, Rollout, Sample } from '@dda-thinker/plugin-api'
import type { Engine, RolloutRequest } from '@dda-thinker/core'

interface End {
  readonly error?: unknown
}

/**
 * The rollouts of one step while they come in. They may come in before it is their turn (the step before is still updating
 * the policy): they are held back then, so that the journal keeps its order.
 */
export class StepRollouts {
  readonly step: number
  /** Of the step's rollouts, by id. */
  readonly samples: ReadonlyMap<string, Sample>
  /** What the Thinker has made so far, before any hook. */
  readonly plans: Plan[] = []
  readonly #planned: Promise<void>
  readonly #total: number
  readonly #rollouts: Rollout[] = []
  readonly #end: Promise<End>
  #record: ((rollout: Rollout, done: number, total: number) => void) | undefined
  #recorded = 0
  #cancelled = false

  constructor(engine: Engine, step: number, requests: readonly RolloutRequest[]) {
    this.step = step
    this.samples = new Map(requests.map(({ sample }) => [sample.id, sample]))
    this.#total = requests.length
    let onPlanned = (): void => undefined
    const planned = new Promise<void>((resolve) => (onPlanned = resolve))
    this.#end = this.#collect(engine, requests, onPlanned).then(
      () => ({}),
      (error: unknown) => ({ error }),
    )
    this.#planned = Promise.race([planned, this.#end.then(rethrow)])
    // Nobody has to ask.
    this.#planned.catch(() => undefined)
  }

  /**
   * Resolves when the Thinker is done with all plans of the step, so that its policy may change.
   *
   * @throws what ends the run before that: the plans that are missing are still to be made by the policy as it is
   */
  planned(): Promise<void> {
    return this.#planned
  }

  /** From now on every rollout, also those held back, is recorded; resolves with all of them. */
  async take(record: (rollout: Rollout, done: number, total: number) => void): Promise<readonly Rollout[]> {
    this.#record = record
    this.#flush()
    rethrow(await this.#end)
    return this.#rollouts
  }

  /** Lets what is under way end and begins nothing more. Never fails. */
  async cancel(): Promise<void> {
    this.#cancelled = true
    await this.#end
  }

  async #collect(engine: Engine, requests: readonly RolloutRequest[], onPlanned: () => void): Promise<void> {
    let open = requests.length
    const onPlan = (made?: Plan) => {
      if (made !== undefined) this.plans.push(made)
      open -= 1
      if (open === 0) onPlanned()
    }
    for await (const rollout of engine.run(requests, onPlan)) {
      if (this.#cancelled) return
      this.#rollouts.push(rollout)
      this.#flush()
    }
  }

  #flush(): void {
    if (this.#record === undefined) return
    for (const rollout of this.#rollouts.slice(this.#recorded)) {
      this.#recorded += 1
      this.#record(rollout, this.#recorded, this.#total)
    }
  }
}

function rethrow(end: End): void {
  if ('error' in end) throw end.error
}
