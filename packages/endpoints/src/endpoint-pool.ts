import { AdaptiveLimit } from './adaptive-limit.ts'
import { CallAttempts, type Failed, isRateLimit, isUnreachable } from './call-attempts.ts'
import type { CircuitBreakerOptions } from './circuit-breaker.ts'
import { isAbsence, mayPass, type EndpointError } from './endpoint-error.ts'
import { PooledEndpoint, type Endpoint, type EndpointStatus } from './endpoint.ts'
import { EndpointQueue } from './endpoint-queue.ts'
import { poolLost } from './pool-lost.ts'
import { RateLimits } from './rate-limits.ts'
import { RetryPolicy } from './retry-policy.ts'
import { sleep } from './sleep.ts'

export interface EndpointPoolOptions {
  /** Base URLs of replicas that serve the same model; at least one. */
  readonly urls: readonly string[]
  /** Calls at once an endpoint; with `adaptive` the most it is ever given. Default 1. */
  readonly perEndpoint?: number
  /** Find the limit below `perEndpoint` out (see {@link AdaptiveLimit}). Default false. */
  readonly adaptive?: boolean
  /** Default `least-outstanding`; equal ones take turns. */
  readonly strategy?: 'least-outstanding' | 'round-robin'
  readonly retry?: RetryPolicy
  readonly breaker?: CircuitBreakerOptions
  /** Milliseconds for which every endpoint must have failed, or told of rate limits, without a break before all calls fail. Default 120 000. */
  readonly giveUpAfterMs?: number
  /** Longest pause that a server may ask for, milliseconds; where all ask for longer ones all calls fail. Default 600 000. */
  readonly maxPauseMs?: number
  /** A cheap call (a health route) that goes before the real one where a failing endpoint is tried again. */
  readonly probe?: (endpoint: Endpoint, signal: AbortSignal) => Promise<void>
  /** Told when an endpoint has asked to be left alone, once for each pause. */
  readonly onPause?: (endpoint: Endpoint, ms: number) => void
  /** Told when the last endpoint has failed, and when one works again (no error). */
  readonly onOutage?: (reason?: string) => void
}

export interface PoolCall {
  readonly signal: AbortSignal
  /**
   * Whether the service is known to work otherwise ({@link EndpointPool.proves}): then failures that are answers count against the
   * attempts, whatever else fails. Where it is not, such a call never ends in its own failure while all endpoints are down.
   * Default: nobody finds out, so that many failures of its own are enough.
   */
  readonly alone?: boolean | undefined
  /** Told of every failure that is followed by another call. */
  readonly onRetry?: (error: unknown, delayMs: number) => void
}

/**
 * Spreads calls over endpoints that serve the same: a limit each, a circuit breaker each, pauses where a server asked
 * for them, one retry policy for all. Waiting calls are served first come, first served. A repeated call goes to another
 * endpoint where one is free. A server that is away costs waiting and no attempt: see {@link EndpointPool.run}.
 */
export class EndpointPool {
  readonly #endpoints: readonly PooledEndpoint[]
  readonly #options: EndpointPoolOptions
  readonly #retry: RetryPolicy
  readonly #rateLimits: RateLimits
  readonly #queue: EndpointQueue
  #calls = 0
  #isOut = false
  #worked = false

  constructor(options: EndpointPoolOptions) {
    const { urls, perEndpoint = 1, adaptive = false, breaker = {}, strategy = 'least-outstanding' } = options
    const { giveUpAfterMs = 120_000, maxPauseMs = 600_000 } = options
    if (urls.length === 0) throw new RangeError('a pool needs at least one endpoint')
    this.#options = options
    this.#retry = options.retry ?? new RetryPolicy()
    const { attempts } = this.#retry
    this.#rateLimits = new RateLimits(attempts, giveUpAfterMs)
    this.#endpoints = urls.map((url, index) => {
      const limit = adaptive ? new AdaptiveLimit({ max: perEndpoint }) : perEndpoint
      return new PooledEndpoint(url.replace(/\/+$/, ''), index, limit, breaker)
    })
    this.#queue = new EndpointQueue({ endpoints: this.#endpoints, strategy, attempts, giveUpAfterMs, maxPauseMs })
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints
  }

  /** The most calls it ever has under way. */
  get concurrency(): number {
    return this.#endpoints.length * (this.#options.perEndpoint ?? 1)
  }

  status(): readonly EndpointStatus[] {
    return this.#endpoints.map((endpoint) => endpoint.status())
  }

  /**
   * Runs `work` on an endpoint, again where the retry policy says so. What shows only that a server is away (no connection,
   * a gateway without a server behind it, a failed health probe) counts against no attempts where the call did not have to
   * go there or had nowhere else to go: then it waits, until an endpoint works or none has for `giveUpAfterMs`. While
   * no endpoint works, the same holds for errors of servers that hit more calls than this one. Rate limits count apart: a call that
   * meets them is tried again with growing delays for `giveUpAfterMs`, and `attempts` times at least. Once a call has succeeded, a
   * refusal of key, account or route is tried again too, elsewhere first: one replica or proxy may give it by mistake.
   *
   * @throws what the last attempt threw, a refusal only where every attempt met one; DdaError `DDA_ENDPOINT_DOWN` where no endpoint has worked for long,
   *   or only told several calls of rate limits, `DDA_ENDPOINT_PAUSED` where all ask to be left alone for longer than is waited; the signal's reason where it is
   *   aborted, also while waiting.
   */
  async run<T>(work: (endpoint: Endpoint) => Promise<T>, call: PoolCall): Promise<T> {
    const { signal } = call
    const attempts = new CallAttempts(this.#calls++, call.alone)
    for (;;) {
      const { endpoint, trial } = await this.#queue.acquire(attempts, signal)
      const begun = performance.now()
      let probing = trial && this.#options.probe !== undefined
      try {
        if (probing) await this.#options.probe?.(endpoint, signal)
        probing = false
        const result = await work(endpoint)
        endpoint.succeed(performance.now() - begun)
        this.#recover()
        return result
      } catch (error) {
        this.#fail(endpoint, error, { trial, call: attempts.id, aborted: signal.aborted })
        signal.throwIfAborted()
        const failed = { error, endpoint, trial, absent: probing || isAbsence(error) }
        const delay = this.#decide(attempts, failed)
        if (delay === undefined) throw this.#worked ? attempts.verdict : error
        call.onRetry?.(error, delay)
        if (delay > 0) {
          this.#queue.serve()
          await sleep(delay, signal)
        }
      } finally {
        this.#queue.serve()
      }
    }
  }

  /**
   * Whether a made-up call passes at one of the endpoints, whatever has failed there; not where they asked to be left alone. A success counts as one
   * of any call: who waits has a turn again.
   */
  async proves(call: (endpoint: Endpoint) => Promise<unknown>): Promise<boolean> {
    for (const endpoint of this.#endpoints) {
      if (endpoint.pausedUntil > performance.now()) continue
      const passed = await call(endpoint).then(
        () => true,
        () => false,
      )
      if (!passed) continue
      endpoint.revive()
      this.#recover()
      this.#queue.serve()
      return true
    }
    return false
  }

  #fail(
    endpoint: PooledEndpoint,
    error: unknown,
    { trial, call, aborted }: { readonly trial: boolean; readonly call: number; readonly aborted: boolean },
  ): void {
    const now = performance.now()
    const pausedUntil = Math.max(now, endpoint.pausedUntil)
    // What the caller broke off says nothing about the endpoint.
    endpoint.fail(aborted ? undefined : error, now, trial, call)
    if (aborted) return
    // Calls side by side are told the same: only what is really longer is news.
    if (endpoint.pausedUntil > pausedUntil + 1000) this.#options.onPause?.(endpoint, endpoint.pausedUntil - now)
    this.#queue.lastError = error
    if (this.#isDown()) this.#tellOutage(error)
  }

  #tellOutage(error: unknown): void {
    if (this.#isOut) return
    this.#isOut = true
    this.#options.onOutage?.(error instanceof Error ? error.message : 'no reason')
  }

  #recover(): void {
    this.#worked = true
    this.#rateLimits.onSuccess()
    if (!this.#isOut) return
    this.#isOut = false
    this.#options.onOutage?.()
  }

  #isDown(): boolean {
    return this.#endpoints.every((endpoint) => !endpoint.isUp)
  }

  /** Milliseconds to sleep before the call queues again; undefined where its failure stands. @throws as {@link run} */
  #decide(attempts: CallAttempts, failed: Failed): number | undefined {
    const { error, endpoint, trial } = failed
    attempts.add(failed)
    if (!mayPass(error, this.#worked)) return undefined
    if (isRateLimit(error)) return this.#afterRateLimit(attempts, failed)
    const spared = this.#retry.attempts > 1 && this.#isSpared(failed, attempts.alone === true)
    if (!spared) attempts.counted += 1
    if (!spared && this.#retry.delayAfter(error, attempts.counted, this.#worked) === undefined) return undefined
    const now = performance.now()
    const lost = spared ? this.#queue.lost(now) : undefined
    if (lost !== undefined) throw attempts.spent(this.#retry.attempts) ?? lost
    const elsewhere = this.#endpoints.some((one) => one !== endpoint && one.canTake(now))
    // Its turn comes with the cool-down of a breaker, or at once elsewhere; a server's wish is kept by its endpoint.
    if (spared && (elsewhere || !endpoint.canTake(now))) return 0
    if (!spared && elsewhere && attempts.counted === 1) return 0
    return this.#retry.backOff(trial ? 1 : attempts.counted)
  }

  #afterRateLimit(attempts: CallAttempts, { error, endpoint }: Failed): number | undefined {
    const now = performance.now()
    const next = this.#rateLimits.after(attempts, now)
    if (next === 'own') return undefined
    if (next === 'lost') {
      const lost = this.#endpoints.map(({ url }) => ({ url, at: now, failingSince: this.#rateLimits.since }))
      throw attempts.spent(this.#retry.attempts) ?? poolLost(lost, now, error)
    }
    if (next === 'outage') this.#tellOutage(error)
    const elsewhere = this.#endpoints.some((one) => one !== endpoint && one.canTake(now))
    return elsewhere && attempts.limits === 1 ? 0 : this.#retry.backOff(attempts.limits)
  }

  #isSpared(failed: Failed, alone: boolean): boolean {
    const { error, endpoint, trial, absent } = failed
    if (alone) return isUnreachable(error)
    if (absent) return trial || isUnreachable(error) || this.#isDown()
    const { kind } = error as Partial<EndpointError>
    // One request alone may be one that no server survives.
    return (kind === 'server' || kind === 'timeout' || kind === 'connection') && endpoint.failsSeveral && this.#isDown()
  }
}
