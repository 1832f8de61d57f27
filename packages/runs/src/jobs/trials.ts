import type { Rollout, Sample, Scope, Thinker } from '@dda-thinker/plugin-api'
import type { Assembly, Engine, RolloutRequest } from '@dda-thinker/core'
import { requireChecklists } from '../data/checklist-survey.ts'
import type { Workspace } from '../data/workspace.ts'
import type { RunEvents } from '../record/events.ts'
import type { Job } from './open-job.ts'
import { StoredTrials } from './stored-trials.ts'
import { planSeed } from './seeds.ts'

interface Trial {
  /** What is not stored. */
  readonly requests: readonly RolloutRequest[]
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
  readonly #stored: StoredTrials
  readonly #events: RunEvents
  #waiting: Trial[] = []
  #running: Promise<void> = Promise.resolve()

  constructor(job: Job, workspace: Workspace, thinker: Thinker, scopes: readonly Scope[], events: RunEvents) {
    this.#events = events
    this.#assembly = job.assembly
    this.#temperature = job.assembly.config.train.temperature
    this.#engine = job.engine({ thinker, scopes })
    this.#stored = new StoredTrials(workspace, job.assembly, thinker)
  }

  /** Stored rollouts are taken as they are; the others are tried and stored. */
  async try(sample: Sample, count: number): Promise<readonly Rollout[]> {
    requireChecklists([sample])
    const requests = this.#requests(sample, count)
    const [first] = requests
    if (first === undefined) return []
    const known = await this.#stored.find(first)
    const missing = requests.filter(({ member }) => !known.has(member))
    if (missing.length === 0) return requests.flatMap(({ member }) => known.get(member) ?? [])
    const all = new Map(known)
    for (const rollout of await this.#make(missing)) all.set(rollout.member, rollout)
    await this.#stored.keep(first, [...all.values()])
    return requests.flatMap(({ member }) => all.get(member) ?? [])
  }

  #make(requests: readonly RolloutRequest[]): Promise<readonly Rollout[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ requests, resolve, reject })
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
    const requests = trials.flatMap((trial) => trial.requests)
    const open = trials.map((trial) => ({ trial, rollouts: [] as Rollout[] })).values()
    let current = open.next().value
    try {
      for await (const rollout of this.#engine.run(requests)) {
        this.#events.onTrial?.({ rollout })
        current?.rollouts.push(rollout)
        if (current === undefined || current.rollouts.length < current.trial.requests.length) continue
        current.trial.resolve(current.rollouts)
        current = open.next().value
      }
    } catch (error) {
      for (const trial of trials) trial.reject(error)
    }
  }

  #requests(sample: Sample, count: number): RolloutRequest[] {
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
