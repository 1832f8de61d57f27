import { isDdaError } from '@dda-thinker/plugin-api'
import { mayPass, type EndpointError } from './endpoint-error.ts'

export interface RetryPolicyOptions {
  /** Calls in all, the first included. Default 5; 1 turns retries off. */
  readonly attempts?: number
  /** Calls in all where the failure is a bad answer: a fault on the way may pass, a faulty server does not. Default 2. */
  readonly badOutputAttempts?: number
  /** Milliseconds before the second call; doubles from call to call. Default 500. */
  readonly baseDelayMs?: number
  /** Longest own delay, milliseconds. Default 30 000. */
  readonly maxDelayMs?: number
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number
}

/**
 * Decides whether a failed call is repeated and when: the only such place, so that retries never multiply. Exponential
 * back-off with half jitter, never less than the server asked for (`Retry-After`).
 */
export class RetryPolicy {
  readonly #options: Required<RetryPolicyOptions>

  constructor(options: RetryPolicyOptions = {}) {
    this.#options = {
      attempts: options.attempts ?? 5,
      badOutputAttempts: options.badOutputAttempts ?? 2,
      baseDelayMs: options.baseDelayMs ?? 500,
      maxDelayMs: options.maxDelayMs ?? 30_000,
      random: options.random ?? Math.random,
    }
  }

  /**
   * Milliseconds to wait before the next call, or undefined where the failure stands.
   * @param calls made so far that count, the failed one included; at least 1
   * @param worked see {@link mayPass}
   */
  delayAfter(error: unknown, calls: number, worked = false): number | undefined {
    const { attempts, badOutputAttempts } = this.#options
    if (!mayPass(error, worked) || !isDdaError(error)) return undefined
    const allowed = error.kind === 'bad-output' ? Math.min(attempts, badOutputAttempts) : attempts
    if (calls >= allowed) return undefined
    return Math.max(this.backOff(calls), (error as Partial<EndpointError>).retryAfterMs ?? 0)
  }

  /** Calls in all that may be made for one result. */
  get attempts(): number {
    return this.#options.attempts
  }

  /** The policy's own delay before call number `calls + 1`, milliseconds. */
  backOff(calls: number): number {
    const { baseDelayMs, maxDelayMs, random } = this.#options
    return Math.min(maxDelayMs, baseDelayMs * 2 ** (Math.max(1, calls) - 1)) * (0.5 + random() / 2)
  }
}
