import type { Rollout, Sample, Scope, Thinker } from '@dda-thinker/plugin-api'
import { type Assembly, type Engine, planSeed, type RolloutRequest } from '@dda-thinker/core'
import { requireChecklists } from '../record/errors.ts'
import type { Job } from './open-job.ts'

interface Trial {
  readonly sample: Sample
  readonly count: number
  readonly resolve: (rollouts: readonly Rollout[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Rollouts on demand for curators. Calls made in the same turn of the event loop go to the Thinker as one batch, so a
 * curator that asks for a window of samples at once gets the speed of a batch.
 */
export class Trials {
  readonly #assembly: Assembly
  readonly #temperature: number
  readonly #engine: Engine
  #waiting: Trial[] = []
  #running: Promise<void> = Promise.resolve()

  constructor(job: Job, thinker: Thinker, scopes: readonly Scope[]) {
    this.#assembly = job.assembly
    this.#temperature = job.assembly.config.train.temperature
    this.#engine = job.engine({ thinker, scopes })
  }

  async try(sample: Sample, count: number): Promise<readonly Rollout[]> {
    requireChecklists([sample])
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sample, count, resolve, reject })
      if (this.#waiting.length > 1) return
      setImmediate(() => {
        const trials = this.#waiting
        this.#waiting = []
        // One batch after the other: the Thinker is one model.
        this.#running = this.#running.then(() => this.#run(trials))
      })
    })
  }

  dispose(): void {
    this.#engine.dispose()
  }

  async #run(trials: readonly Trial[]): Promise<void> {
    const requests = trials.flatMap((trial) => this.#requests(trial))
    const open = trials.map((trial) => ({ trial, rollouts: [] as Rollout[] })).values()
    let current = open.next().value
    try {
      for await (const rollout of this.#engine.run(requests)) {
        while (current !== undefined && current.rollouts.length === current.trial.count) current = open.next().value
        current?.rollouts.push(rollout)
        if (current?.rollouts.length === current?.trial.count) current?.trial.resolve(current.rollouts)
      }
      for (const trial of trials) if (trial.count === 0) trial.resolve([])
    } catch (error) {
      for (const trial of trials) trial.reject(error)
    }
  }

  #requests({ sample, count }: Trial): RolloutRequest[] {
    return Array.from({ length: count }, (_, member) => ({
      id: `curate/${sample.id}/${member}`,
      sample,
      group: `curate/${sample.id}`,
      member,
      step: 0,
      planSeed: planSeed(this.#assembly.config.seed, 0, sample.id, member),
      temperature: this.#temperature,
    }))
  }
}
