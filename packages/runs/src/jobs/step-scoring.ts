import type { Rollout, Sample } from '@dda-thinker/plugin-api'
import { isBudgetError } from '@dda-thinker/core'
import type { AppendLog } from '@dda-thinker/store'
import type { SampleDesk } from '../data/sample-desk.ts'
import type { RunEvents } from '../record/events.ts'
import { rolloutLine } from '../record/journal.ts'
import type { Job } from './open-job.ts'
import { PlanScoring, type Scoring, type ScoreTask } from './plan-scoring.ts'

export interface StepScoringOptions {
  readonly job: Job
  readonly samples: SampleDesk
  readonly groupSize: number
  /** Rollouts of a step, for those who watch. */
  readonly expected: number
  readonly events: RunEvents
}

/** What came of the requests of a step. */
export interface StepRecord {
  readonly rollouts: readonly Rollout[]
  /** Those of the rollouts, by id. */
  readonly samples: ReadonlyMap<string, Sample>
}

/** Requests of a training that runs elsewhere, put into the steps and groups of its run. */
export class StepScoring implements Scoring {
  readonly #options: StepScoringOptions
  readonly #scoring: PlanScoring
  /** Members so far, by step and sample. */
  readonly #members = new Map<string, number>()
  readonly #unfit = new AbortController()
  #journal: AppendLog | undefined
  #step = 0
  #rollouts: Rollout[] = []
  #samples = new Map<string, Sample>()

  constructor(options: StepScoringOptions) {
    this.#options = options
    this.#scoring = new PlanScoring({
      job: options.job,
      samples: options.samples,
      thinker: 'external',
      nextId: ({ group, member }) => `${group}/${member}`,
      record: (rollout, task) => this.#record(rollout, task),
      failed: (error) => this.#unfit.abort(error),
    })
  }

  get samples(): SampleDesk {
    return this.#scoring.samples
  }

  get streams(): Scoring['streams'] {
    return this.#scoring.streams
  }

  get stats(): Scoring['stats'] {
    return this.#scoring.stats
  }

  get ledger(): Scoring['ledger'] {
    return this.#scoring.ledger
  }

  /** Also fires where a budget is spent: the engine outside would ask in vain. */
  get ended(): AbortSignal {
    return AbortSignal.any([this.#scoring.ended, this.#unfit.signal])
  }

  /** From now on requests that name no step belong to this one. */
  begin(step: number, journal: AppendLog): void {
    this.#step = step
    this.#journal = journal
  }

  /** What was scored since the last time. */
  take(): StepRecord {
    const record = { rollouts: this.#rollouts, samples: this.#samples }
    this.#rollouts = []
    this.#samples = new Map()
    this.#members.clear()
    return record
  }

  async score(task: ScoreTask): Promise<Rollout> {
    try {
      return await this.#scoring.score(this.#placed(task))
    } catch (error) {
      if (isBudgetError(error)) this.#unfit.abort(error)
      throw error
    }
  }

  repeat(rollout: Rollout, task: ScoreTask): Promise<Rollout> {
    return this.#scoring.repeat(rollout, this.#placed(task))
  }

  dispose(): void {
    this.#scoring.dispose()
  }

  #placed(task: ScoreTask): ScoreTask {
    const step = task.step === 0 ? this.#step : task.step
    const group = `${step}/${task.sample.id}`
    const count = this.#members.get(group) ?? 0
    this.#members.set(group, count + 1)
    const { groupSize } = this.#options
    const earlier = Math.floor(count / groupSize)
    return {
      ...task,
      step,
      group: earlier === 0 ? group : `${group}+${earlier}`,
      member: count % groupSize,
    }
  }

  async #record(rollout: Rollout, { sample, step }: ScoreTask): Promise<void> {
    const journal = this.#journal
    if (journal === undefined) throw new TypeError('a plan came before the first step')
    journal.append(rolloutLine(step, rollout))
    await journal.flush()
    this.#rollouts.push(rollout)
    this.#samples.set(sample.id, sample)
    const { events, expected } = this.#options
    events.onRollout?.({ step, rollout, done: this.#rollouts.length, total: expected })
  }
}
