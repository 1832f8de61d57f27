import { setMaxListeners } from 'node:events'
import type { CallAttempts } from './call-attempts.ts'
import type { EndpointError } from './endpoint-error.ts'
import type { PooledEndpoint } from './endpoint.ts'
import { type LostEndpoint, poolLost } from './pool-lost.ts'
import { MAX_TIMER_MS } from './sleep.ts'
import { type Waiter, WaitingLine } from './waiting-line.ts'

export interface EndpointQueueOptions {
  readonly endpoints: readonly PooledEndpoint[]
  /** `round-robin`, or those with the fewest calls under way; equal ones take turns. */
  readonly strategy: 'least-outstanding' | 'round-robin'
  /** Calls in all that a call may make. */
  readonly attempts: number
  readonly giveUpAfterMs: number
  readonly maxPauseMs: number
}

export interface Pass {
  readonly endpoint: PooledEndpoint
  /** It is to show whether a failing endpoint works again. */
  readonly trial: boolean
}

/** Calls that wait for a place at an endpoint, and who of them gets which, when. */
export class EndpointQueue {
  /** What an endpoint failed with last, for the words of those that wait in vain. */
  lastError: unknown
  readonly #endpoints: readonly PooledEndpoint[]
  readonly #options: EndpointQueueOptions
  readonly #waiting = new WaitingLine<Pass, CallAttempts>()
  #turn = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: EndpointQueueOptions) {
    this.#endpoints = options.endpoints
    this.#options = options
  }

  /** A place at an endpoint, first come, first served. @throws DdaError where no endpoint is waited for any longer; the signal's reason */
  async acquire(who: CallAttempts, signal: AbortSignal): Promise<Pass> {
    signal.throwIfAborted()
    // Thousands of calls may share the signal of a run; each takes its listener away again.
    setMaxListeners(0, signal)
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(waiter)
        signal.removeEventListener('abort', onAbort)
        // Nothing is to keep a process alive for nobody.
        if (this.#waiting.size === 0) clearTimeout(this.#timer)
      }
      const waiter: Waiter<Pass, CallAttempts> = {
        who,
        take: (pass) => {
          end()
          resolve(pass)
        },
        fail: (error) => {
          end()
          reject(error)
        },
      }
      const onAbort = (): void => waiter.fail(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(waiter, who.first)
      this.serve()
    })
  }

  /** Gives free endpoints to waiting calls and makes sure to be called again when only time is missing. */
  serve(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const now = performance.now()
    for (const waiter of this.#waiting) {
      const free = this.#endpoints.filter((endpoint) => endpoint.canTake(now))
      if (free.length === 0) break
      const endpoint = this.#pick(waiter.who.choices(free, this.#endpoints))
      if (endpoint !== undefined) waiter.take({ endpoint, trial: endpoint.begin() })
    }
    if (this.#waiting.size === 0) return
    const lost = this.lost(now)
    if (lost !== undefined) {
      // A call that got its own share of errors from servers that were there is answered by them.
      for (const waiter of this.#waiting) waiter.fail(waiter.who.spent(this.#options.attempts) ?? lost)
      return
    }
    const lostAt = Math.max(...(this.#waitedFor(now) ?? []).map(({ at }) => at))
    const times = [lostAt, ...this.#endpoints.map((endpoint) => endpoint.freeAt())]
    const next = Math.min(...times.filter((time) => time !== undefined && time > now).map(Number))
    if (!Number.isFinite(next)) return
    // One millisecond more: timers may fire a fraction early.
    this.#timer = setTimeout(() => this.serve(), Math.min(MAX_TIMER_MS, next - now + 1))
  }

  #pick(candidates: readonly PooledEndpoint[]): PooledEndpoint | undefined {
    if (candidates.length === 0) return undefined
    const count = this.#endpoints.length
    const turns = (endpoint: PooledEndpoint): number => (endpoint.index - this.#turn + count) % count
    const load = (endpoint: PooledEndpoint): number =>
      this.#options.strategy === 'round-robin' ? 0 : endpoint.active * count
    const chosen = candidates.reduce((best, one) => (load(one) + turns(one) < load(best) + turns(best) ? one : best))
    this.#turn = (chosen.index + 1) % count
    return chosen
  }

  /** The error of all that wait, where no endpoint is waited for any longer. */
  lost(now: number): EndpointError | undefined {
    const lost = this.#waitedFor(now)
    return lost?.every(({ at }) => now >= at) === true ? poolLost(lost, now, this.lastError) : undefined
  }

  /** Until when each endpoint is waited for; undefined where one may still serve. */
  #waitedFor(now: number): readonly LostEndpoint[] | undefined {
    const lost: LostEndpoint[] = []
    for (const { url, breaker, pausedUntil } of this.#endpoints) {
      const { state, failingSince } = breaker
      if (pausedUntil - now > this.#options.maxPauseMs) lost.push({ url, at: now, pausedUntil })
      // A trial under way may well succeed.
      else if (state === 'open' && failingSince !== undefined)
        lost.push({ url, at: failingSince + this.#options.giveUpAfterMs, failingSince })
      else return undefined
    }
    return lost
  }
}
