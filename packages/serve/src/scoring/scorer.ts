import { setTimeout as sleep } from 'node:timers/promises'
import { failedInPassing, isDdaError, type Rollout } from '@dda-thinker/plugin-api'
import { errorBody } from '@dda-thinker/http-service'
import type { ScoreTask, Scoring } from '@dda-thinker/runs'
import { LRUCache } from 'lru-cache'
import { errors } from '../errors.ts'
import type { Job, Score, ScoreRequest } from '../wire/score-schema.ts'
import { KeptRollouts } from './kept-rollouts.ts'
import { type Reading, RequestReader } from './read-request.ts'
import { type ScoreBody, scoreOf } from './score-of.ts'

export interface ScorerOptions {
  readonly scoring: Scoring
  readonly reading: Reading
  /** Seconds before which every request is answered, whatever time-out its caller has. Default: the caller's, or 100. */
  readonly deadlineSeconds?: number | undefined
  /** Requests that may be under way at a time. */
  readonly waiting: number
  /** Told every score that is given, also as an error to callers that have no word for a mask; a job once, when it ends. */
  readonly onScore?: (score: Score) => void
}

/** Seconds for callers that tell no time-out: shorter than that of any peer that is known. */
export const DEADLINE = 100
/** How long before the caller's own time-out the answer is on its way: a twentieth of it, a second at most. */
const MARGIN = 0.05
const MOST_MARGIN = 1
/** First pause before a failed rollout is tried again, in seconds; it doubles. */
const FIRST_PAUSE = 0.5

/** Results in memory for equal requests, at least: as many as there may be jobs, which are asked for later. */
const KEPT = 10_000
interface Flight {
  readonly result: Promise<Rollout>
}

type JobEnd = { readonly rollout: Rollout } | { readonly error: unknown }

/**
 * Scores by content: equal requests under way are one, and what was scored before is not scored again. The work of a request goes on
 * when its caller has gone or its deadline has passed, so that the same request later finds it.
 */
export class Scorer {
  readonly #options: ScorerOptions
  readonly #flights = new Map<string, Flight>()
  readonly #kept: KeptRollouts
  readonly #reader: RequestReader
  /** What callers are told of rollouts that are asked for again. */
  readonly #said = new WeakMap<Rollout, ScoreBody>()
  readonly #idle: (() => void)[] = []
  /** Of work whose result is not kept for equal requests: it failed, or its rollout failed in passing. */
  readonly #ends: LRUCache<string, JobEnd>
  #lastAnswer = 0
  #interrupted = 0

  constructor(options: ScorerOptions) {
    this.#options = options
    this.#kept = new KeptRollouts(Math.max(KEPT, options.waiting))
    this.#ends = new LRUCache({ max: options.waiting })
    this.#reader = new RequestReader(options.reading)
  }

  /** Distinct requests under way. */
  get busy(): number {
    return this.#flights.size
  }

  /** Seconds until every request that came so far has its answer, whatever becomes of its work. */
  get secondsToAnswer(): number {
    return Math.max(0, (this.#lastAnswer - performance.now()) / 1000)
  }

  /** Distinct requests whose work was broken off because the run ended. */
  get interrupted(): number {
    return this.#interrupted
  }

  /** When an answer must be on its way, in seconds. @param given the caller's own time-out */
  deadline(given: number | undefined): number {
    const { deadlineSeconds: own } = this.#options
    if (given === undefined) return own ?? DEADLINE
    return Math.min(own ?? Infinity, given - Math.min(given * MARGIN, MOST_MARGIN))
  }

  /** @throws DdaError `DDA_SERVE_DEADLINE`, `DDA_SERVE_BUSY`, those of {@link RequestReader}, `DDA_BUDGET_*` and failures of the run */
  async score(request: ScoreRequest, begun = performance.now()): Promise<Score> {
    const seconds = this.#awaited(request, begun)
    const { task, key } = await this.#reader.read(request)
    const score = await this.#scored(task, key, begun, seconds)
    this.#options.onScore?.(score)
    return score
  }

  /**
   * The same for a caller that has no word for a mask: what failed in passing is tried again until the deadline.
   *
   * @throws DdaError `DDA_SERVE_MASKED` where there is no reward all the same
   */
  async insist(request: ScoreRequest, begun = performance.now()): Promise<Score & { readonly reward: number }> {
    const seconds = this.#awaited(request, begun)
    const { task, key } = await this.#reader.read(request)
    for (let pause = FIRST_PAUSE; ; pause *= 2) {
      const score = await this.#scored(task, key, begun, seconds)
      const { reward, failure } = score
      const left = seconds - (performance.now() - begun) / 1000
      const again = reward === null && failure?.transient === true && pause < left
      if (!again) this.#options.onScore?.(score)
      if (reward !== null) return { ...score, reward }
      if (!again) {
        throw errors.make('DDA_SERVE_MASKED', {
          code: failure?.code ?? 'unknown',
          message: failure?.message ?? 'it has no reward',
        })
      }
      await sleep(pause * 1000)
    }
  }

  /** Begins the work and does not wait for it. @throws as {@link score}, but for the deadline */
  async enqueue(request: ScoreRequest): Promise<Job> {
    const { task, key } = await this.#reader.read(request)
    if (this.#kept.has(key)) return this.job(key)
    if (!this.#flights.has(key)) {
      const begun = performance.now()
      const told = (rollout: Rollout) => this.#options.onScore?.(this.#answer(rollout, 'none', begun, Infinity))
      this.#begin(task, key).result.then(told, () => undefined)
    }
    return { id: key, status: 'pending' }
  }

  /** Where a job stands, after at most so many seconds of waiting. @throws DdaError `DDA_SERVE_JOB_UNKNOWN` */
  async job(id: string, waitSeconds = 0): Promise<Job> {
    const begun = performance.now()
    const seconds = this.deadline(undefined)
    const flight = this.#flights.get(id)
    if (flight !== undefined) {
      // How it ended is looked up below, like that of any other.
      const settled = flight.result.then(
        () => true,
        () => true,
      )
      if ((await within(settled, Math.min(waitSeconds, seconds))) === undefined) return { id, status: 'pending' }
    }
    const kept = this.#kept.get(id)
    const end = kept === undefined ? this.#ends.get(id) : { rollout: kept }
    if (end === undefined) throw errors.make('DDA_SERVE_JOB_UNKNOWN')
    if ('error' in end) return { id, status: 'failed', error: errorBody(end.error).error }
    return { id, status: 'done', score: this.#answer(end.rollout, 'kept', begun, seconds) }
  }

  /** Resolves when no work is under way. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#flights.size === 0) resolve()
      else this.#idle.push(resolve)
    })
  }

  async #scored(task: ScoreTask, key: string, begun: number, seconds: number): Promise<Score> {
    const kept = this.#kept.get(key)
    if (kept !== undefined) {
      const again = await this.#options.scoring.repeat(kept, task)
      return this.#answer(again, 'kept', begun, seconds, kept)
    }
    const shared = this.#flights.get(key)
    const flight = shared ?? this.#begin(task, key)
    const left = seconds - (performance.now() - begun) / 1000
    const done = await within(flight.result, left)
    if (done === undefined) throw errors.make('DDA_SERVE_DEADLINE', { seconds: Number(seconds.toFixed(1)) })
    if (shared === undefined) return this.#answer(done.value, 'none', begun, seconds)
    const again = await this.#options.scoring.repeat(done.value, task)
    return this.#answer(again, 'shared', begun, seconds, done.value)
  }

  /** When a request must have its answer, in seconds from its beginning; the last of them all is kept for {@link secondsToAnswer}. */
  #awaited({ deadlineSeconds }: ScoreRequest, begun: number): number {
    const seconds = this.deadline(deadlineSeconds)
    this.#lastAnswer = Math.max(this.#lastAnswer, begun + seconds * 1000)
    return seconds
  }

  #begin(task: ScoreTask, key: string): Flight {
    const { scoring, waiting } = this.#options
    if (this.#flights.size >= waiting) throw errors.make('DDA_SERVE_BUSY', { count: this.#flights.size })
    this.#ends.delete(key)
    const result = scoring
      .score(task)
      .then(
        (rollout) => {
          // What failed in passing may succeed the next time; anything else is what it is.
          if (failedInPassing(rollout.outcome)) this.#ends.set(key, { rollout })
          else this.#kept.set(key, rollout)
          return rollout
        },
        (error: unknown) => {
          if (isDdaError(error) && error.code === 'DDA_INTERRUPTED') this.#interrupted += 1
          this.#ends.set(key, { error })
          throw error
        },
      )
      .finally(() => {
        this.#flights.delete(key)
        if (this.#flights.size === 0) for (const wake of this.#idle.splice(0)) wake()
      })
    // Nobody may be waiting for it any more when it fails.
    result.catch(() => undefined)
    const flight = { result }
    this.#flights.set(key, flight)
    return flight
  }

  /** @param first the rollout that this one repeats; where they are one, it is asked for the first time */
  #answer(rollout: Rollout, cache: Score['cache'], begun: number, seconds: number, first = rollout): Score {
    let said = this.#said.get(first)
    if (said === undefined) {
      said = scoreOf(first, this.#options.scoring.streams)
      // Most are asked for once: what is kept of those weighs on every collection of garbage, and serves nobody.
      if (rollout !== first) this.#said.set(first, said)
    }
    return {
      id: rollout.id,
      ...said,
      cache,
      timings: {
        seconds: Number(((performance.now() - begun) / 1000).toFixed(4)),
        deadlineSeconds: Number(seconds.toFixed(3)),
      },
    }
  }
}

/** The value in an object, or undefined where it does not come in time. */
async function within<T>(promise: Promise<T>, seconds: number): Promise<{ readonly value: T } | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, seconds) * 1000)
  })
  try {
    return await Promise.race([promise.then((value) => ({ value })), late])
  } finally {
    clearTimeout(timer)
  }
}
