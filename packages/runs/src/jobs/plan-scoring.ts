import {
  JUDGES,
  type Plan,
  REWARD,
  type RewardStream,
  type Rollout,
  type Sample,
  SCOPES,
  type Scope,
  type Thinker,
} from '@dda-thinker/plugin-api'
import { type Engine, isBudgetError, isInterruption } from '@dda-thinker/core'
import type { SampleDesk } from '../data/sample-desk.ts'
import type { Job } from './open-job.ts'

/** A plan that came from outside, to be edited, judged and rewarded. */
export interface ScoreTask {
  readonly sample: Sample
  readonly plan: Pick<Plan, 'text' | 'reasoning' | 'executable' | 'format'>
  /** What the plan was sampled with, for the record; edits do not depend on it. */
  readonly seed: number
  /** Rollouts that are compared with each other, for the record. */
  readonly group: string
  readonly member: number
  /** Training step of the caller, for the record. */
  readonly step: number
  /** Halves of the checklist to ask. Default: both. */
  readonly asked?: readonly Scope[]
}

/** An open run to which plans are handed one by one. */
export interface Scoring {
  readonly samples: SampleDesk
  /** Of the reward; none where it cannot be taken apart. */
  readonly streams: readonly RewardStream[]
  readonly stats: Engine['stats']
  readonly ledger: Job['ledger']
  /** Fires when the run can go on for nobody: a full disk, a refused key, the end of its time. Its reason is the error, where there is one. */
  readonly ended: AbortSignal
  /**
   * One plan through edit, judge and reward. The rollout is in the journal, and survives a kill, when it is returned.
   *
   * @throws DdaError `DDA_BUDGET_*`, `DDA_INTERRUPTED`, and failures of the run itself; a failure of the rollout masks it
   */
  score(task: ScoreTask): Promise<Rollout>
  /** Once more on the record: another request for what was scored before. */
  repeat(rollout: Rollout, task: ScoreTask): Promise<Rollout>
}

export interface PlanScoringOptions {
  readonly job: Job
  readonly samples: SampleDesk
  /** What plans name as their Thinker. */
  readonly thinker: string
  /** Id of the next rollout. */
  readonly nextId: (task: ScoreTask) => string
  /** Keeps a rollout durably. @param first the one that it repeats, if any */
  readonly record: (rollout: Rollout, task: ScoreTask, first?: Rollout) => Promise<void>
  /** Told the first failure of the run itself. */
  readonly failed: (error: unknown) => void
}

/** The engine of a run for plans that somebody else's policy wrote. The caller disposes it. */
export class PlanScoring implements Scoring {
  readonly samples: SampleDesk
  readonly streams: readonly RewardStream[]
  readonly ledger: Job['ledger']
  readonly #options: PlanScoringOptions
  readonly #engine: Engine
  readonly #ended = new AbortController()

  constructor(options: PlanScoringOptions) {
    const { job, samples } = options
    this.#options = options
    this.samples = samples
    this.ledger = job.ledger
    this.streams = job.assembly.resolve(REWARD).streams ?? []
    const scopes = SCOPES.filter((scope) => job.assembly.all(JUDGES).some((judge) => judge.scopes.includes(scope)))
    this.#engine = job.engine({ thinker: nobody(options.thinker), scopes })
    const { stop } = job.signals
    stop.addEventListener('abort', () => this.#ended.abort(job.ledger.refusal), { once: true })
    if (stop.aborted) this.#ended.abort(job.ledger.refusal)
  }

  get stats(): Engine['stats'] {
    return this.#engine.stats
  }

  get ended(): AbortSignal {
    return this.#ended.signal
  }

  dispose(): void {
    this.#engine.dispose()
  }

  async score(task: ScoreTask): Promise<Rollout> {
    const { sample, plan, seed, group, member, step, asked } = task
    const { thinker, nextId, record } = this.#options
    const id = nextId(task)
    const written = { id, sampleId: sample.id, ...plan, thinker, policyVersion: step, seed }
    try {
      const request = { id, sample, group, member, step, planSeed: seed, ...(asked === undefined ? {} : { asked }) }
      const rollout = await this.#engine.finish(request, written)
      await record(rollout, task)
      return rollout
    } catch (error) {
      if (!isBudgetError(error) && !isInterruption(error)) this.fail(error)
      throw error
    }
  }

  async repeat(rollout: Rollout, task: ScoreTask): Promise<Rollout> {
    const { group, member } = task
    const id = this.#options.nextId(task)
    const { plan } = rollout
    const again = { ...rollout, id, group, member, ...(plan === undefined ? {} : { plan: { ...plan, id } }) }
    try {
      await this.#options.record(again, task, rollout)
    } catch (error) {
      this.fail(error)
      throw error
    }
    return again
  }

  /** The run can go on for nobody. */
  fail(error: unknown): void {
    this.#options.failed(error)
    this.#ended.abort(error)
  }
}

/** Plans come with the requests. */
function nobody(fingerprint: string): Thinker {
  return { fingerprint, async *plan() {} }
}
