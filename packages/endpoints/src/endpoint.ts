import { isDdaError, type FailureKind } from '@dda-thinker/plugin-api'
import type { AdaptiveLimit } from './adaptive-limit.ts'
import { CircuitBreaker, type BreakerState, type CircuitBreakerOptions } from './circuit-breaker.ts'
import type { EndpointError } from './endpoint-error.ts'

/** One base URL of a pool, as work sees it. */
export interface Endpoint {
  /** Without a trailing slash. */
  readonly url: string
  readonly index: number
}

/** How an endpoint is doing, for logs, the doctor and the ledger. */
export interface EndpointStatus {
  readonly url: string
  readonly state: BreakerState
  /** Calls under way. */
  readonly active: number
  /** Calls allowed at once. */
  readonly limit: number
  readonly calls: number
  readonly succeeded: number
  readonly failures: Readonly<Partial<Record<FailureKind, number>>>
  /** Milliseconds of all successful calls together. */
  readonly busyMs: number
}

/** Failures that speak against the endpoint, not against the request. */
const UNHEALTHY: ReadonlySet<string> = new Set<FailureKind>(['connection', 'timeout', 'server', 'bad-output'])

/** An endpoint with its books: what runs, what it may run, and whether it may be called. */
export class PooledEndpoint implements Endpoint {
  readonly url: string
  readonly index: number
  readonly breaker: CircuitBreaker
  active = 0
  /** No calls before this time: the server asked for it. Milliseconds. */
  pausedUntil = 0
  readonly #limit: AdaptiveLimit | number
  readonly #failures: Partial<Record<FailureKind, number>> = {}
  /** Calls that have failed since the last success, by their ids: `several` as soon as there are two. */
  #failers: number | 'several' | undefined
  #calls = 0
  #succeeded = 0
  #busyMs = 0

  constructor(url: string, index: number, limit: AdaptiveLimit | number, breaker: CircuitBreakerOptions) {
    this.url = url
    this.index = index
    this.#limit = limit
    this.breaker = new CircuitBreaker(breaker)
  }

  get limit(): number {
    return typeof this.#limit === 'number' ? this.#limit : this.#limit.current
  }

  canTake(now: number): boolean {
    return this.active < this.limit && now >= this.pausedUntil && this.breaker.allows(now)
  }

  /** Time at which it may take a call again, if only time stands in the way. */
  freeAt(): number | undefined {
    const opens = this.breaker.opensAt()
    return this.active < this.limit && opens !== undefined ? Math.max(this.pausedUntil, opens) : undefined
  }

  /** Begins a call. Is it a trial of a failing endpoint? */
  begin(): boolean {
    this.active += 1
    this.#calls += 1
    return this.breaker.take()
  }

  /** Is it taken to be up? */
  get isUp(): boolean {
    return this.breaker.state === 'closed'
  }

  /** Has more than one call failed since the last success, so that no single request is to blame? */
  get failsSeveral(): boolean {
    return this.#failers === 'several'
  }

  /** It is seen to work, by something else than its calls. */
  revive(): void {
    this.#failers = undefined
    this.breaker.onSuccess()
  }

  /** Ends a call that gave a result. */
  succeed(tookMs: number): void {
    if (typeof this.#limit !== 'number') this.#limit.onSuccess(this.active >= this.limit)
    this.active -= 1
    this.#succeeded += 1
    this.#busyMs += tookMs
    this.revive()
  }

  /**
   * Ends a call that failed.
   * @param call tells calls apart: repetitions of one have the same
   */
  fail(error: unknown, now: number, trial: boolean, call: number): void {
    this.active -= 1
    const kind = isDdaError(error) ? error.kind : undefined
    if (kind === undefined) {
      this.breaker.release(trial)
      return
    }
    this.#failures[kind] = (this.#failures[kind] ?? 0) + 1
    const { retryAfterMs, unreachable = false } = error as Partial<EndpointError>
    if (retryAfterMs !== undefined) this.pausedUntil = Math.max(this.pausedUntil, now + retryAfterMs)
    if (kind === 'rate-limit' && typeof this.#limit !== 'number') this.#limit.onRateLimit(now)
    if (!UNHEALTHY.has(kind)) {
      // A refusal or a rate limit is an answer: the endpoint is alive.
      this.breaker.onSuccess()
      return
    }
    this.#failers = this.#failers === undefined || this.#failers === call ? call : 'several'
    this.breaker.onFailure(now, trial, unreachable)
  }

  status(): EndpointStatus {
    const { url, active, limit, breaker } = this
    return {
      url,
      state: breaker.state,
      active,
      limit,
      calls: this.#calls,
      succeeded: this.#succeeded,
      failures: { ...this.#failures },
      busyMs: this.#busyMs,
    }
  }
}
