import { setMaxListeners } from 'node:events'
import { AdaptiveLimit } from './adaptive-limit.ts'
import type { CircuitBreakerOptions } from './circuit-breaker.ts'
import { EndpointError } from './endpoint-error.ts'
import { PooledEndpoint, type Endpoint, type EndpointStatus } from './endpoint.ts'
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
  /** Milliseconds for which every endpoint must have failed without a break before all calls fail. Default 120 000. */
  readonly giveUpAfterMs?: number
  /** A cheap call (a health route) that goes before the real one where a failing endpoint is tried again. */
  readonly probe?: (endpoint: Endpoint, signal: AbortSignal) => Promise<void>
}

export interface PoolCall {
  readonly signal: AbortSignal
  /** Told of every failure that is followed by another call. */
  readonly onRetry?: (error: unknown, delayMs: number) => void
}

interface Pass {
  readonly endpoint: PooledEndpoint
  /** It is to show whether a failing endpoint works again. */
  readonly trial: boolean
}

interface Waiter {
  readonly avoid: PooledEndpoint | undefined
  readonly take: (pass: Pass) => void
  readonly fail: (error: unknown) => void
}

/**
 * Spreads calls over endpoints that serve the same: a limit each, a circuit breaker each, pauses where a server asked
 * for them, one retry policy for all. Waiting calls are served first come, first served. A repeated call goes to another
 * endpoint where one is free.
 */
export class EndpointPool {
  readonly #endpoints: readonly PooledEndpoint[]
  readonly #options: EndpointPoolOptions
  readonly #retry: RetryPolicy
  readonly #giveUpAfterMs: number
  readonly #waiting = new Set<Waiter>()
  #turn = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: EndpointPoolOptions) {
    const { urls, perEndpoint = 1, adaptive = false, breaker = {} } = options
    if (urls.length === 0) throw new RangeError('a pool needs at least one endpoint')
    this.#options = options
    this.#retry = options.retry ?? new RetryPolicy()
    this.#giveUpAfterMs = options.giveUpAfterMs ?? 120_000
    this.#endpoints = urls.map((url, index) => {
      const limit = adaptive ? new AdaptiveLimit({ max: perEndpoint }) : perEndpoint
      return new PooledEndpoint(url.replace(/\/+$/, ''), index, limit, breaker)
    })
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
   * Runs `work` on an endpoint, again where the retry policy says so.
   * @throws what the last attempt threw; DdaError `DDA_ENDPOINT_DOWN` where no endpoint has worked for long; the signal's
   *   reason where it is aborted, also while waiting.
   */
  async run<T>(work: (endpoint: Endpoint) => Promise<T>, call: PoolCall): Promise<T> {
    const { signal } = call
    let avoid: PooledEndpoint | undefined
    for (let calls = 1; ; calls++) {
      const { endpoint, trial } = await this.#acquire(avoid, signal)
      const begun = performance.now()
      try {
        if (trial) await this.#options.probe?.(endpoint, signal)
        const result = await work(endpoint)
        endpoint.succeed(performance.now() - begun)
        return result
      } catch (error) {
        // What the caller broke off says nothing about the endpoint.
        endpoint.fail(signal.aborted ? undefined : error, performance.now(), trial)
        signal.throwIfAborted()
        const delay = this.#retry.delayAfter(error, calls)
        if (delay === undefined) throw error
        call.onRetry?.(error, delay)
        avoid = endpoint
        if (this.#mustBackOff(endpoint, error, calls)) {
          this.#serve()
          await sleep(delay, signal)
        }
      } finally {
        this.#serve()
      }
    }
  }

  /** A server's wish to be left alone is kept by its endpoint; and another endpoint may be asked at once, one time. */
  #mustBackOff(failed: PooledEndpoint, error: unknown, calls: number): boolean {
    if ((error as Partial<EndpointError>).retryAfterMs !== undefined) return false
    const now = performance.now()
    return calls > 1 || !this.#endpoints.some((one) => one !== failed && one.canTake(now))
  }

  async #acquire(avoid: PooledEndpoint | undefined, signal: AbortSignal): Promise<Pass> {
    signal.throwIfAborted()
    // Thousands of calls may share the signal of a run; each takes its listener away again.
    setMaxListeners(0, signal)
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(waiter)
        signal.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = {
        avoid,
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
      this.#waiting.add(waiter)
      this.#serve()
    })
  }

  /** Gives free endpoints to waiting calls and makes sure to be called again when only time is missing. */
  #serve(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const now = performance.now()
    for (const waiter of this.#waiting) {
      const endpoint = this.#pick(waiter.avoid, now)
      if (endpoint === undefined) break
      waiter.take({ endpoint, trial: endpoint.begin() })
    }
    if (this.#waiting.size === 0) return
    const downAt = this.#downAt()
    if (downAt !== undefined && now >= downAt) {
      const error = this.#down(now)
      for (const waiter of this.#waiting) waiter.fail(error)
      return
    }
    const times = [downAt, ...this.#endpoints.map((endpoint) => endpoint.freeAt())]
    const next = Math.min(...times.filter((time) => time !== undefined && time > now).map(Number))
    // One millisecond more: timers may fire a fraction early.
    if (Number.isFinite(next)) this.#timer = setTimeout(() => this.#serve(), next - now + 1)
  }

  #pick(avoid: PooledEndpoint | undefined, now: number): PooledEndpoint | undefined {
    const free = this.#endpoints.filter((endpoint) => endpoint.canTake(now))
    const others = free.filter((endpoint) => endpoint !== avoid)
    const candidates = others.length > 0 ? others : free
    if (candidates.length === 0) return undefined
    const count = this.#endpoints.length
    const turns = (endpoint: PooledEndpoint): number => (endpoint.index - this.#turn + count) % count
    const load = (endpoint: PooledEndpoint): number =>
      this.#options.strategy === 'round-robin' ? 0 : endpoint.active * count
    const chosen = candidates.reduce((best, one) => (load(one) + turns(one) < load(best) + turns(best) ? one : best))
    this.#turn = (chosen.index + 1) % count
    return chosen
  }

  /** When the pool gives up: every endpoint has failed without a break for long enough. */
  #downAt(): number | undefined {
    const since = this.#endpoints.map(({ breaker }) => (breaker.state === 'closed' ? undefined : breaker.failingSince))
    if (since.includes(undefined)) return undefined
    return Math.max(...since.map(Number)) + this.#giveUpAfterMs
  }

  #down(now: number): EndpointError {
    const urls = this.#endpoints.map(({ url }) => url).join(', ')
    const seconds = Math.round((now - ((this.#downAt() ?? now) - this.#giveUpAfterMs)) / 1000)
    return new EndpointError('DDA_ENDPOINT_DOWN', `No endpoint has worked for ${seconds} s: ${urls}`, {
      kind: 'unavailable',
      next: 'Look at the servers; when they answer again, resume the run.',
    })
  }
}
