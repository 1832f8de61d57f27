import { isDdaError } from '@dda-thinker/plugin-api'
import { isTransient, type EndpointError } from './endpoint-error.ts'

export interface RetryPolicyOptions {
  /** Calls in all, the first included. Default 5; 1 turns retries off. */
  readonly attempts?: number
  /** Calls in all where the failure is a bad answer: a fault on the way may pass, a faulty server does not. Default 2. */
  readonly badOutputAttempts?: number
  /** Milliseconds before the second call; doubles from call to call. Default 500. */
  readonly baseDelayMs?: number
  /** Longest own delay, milliseconds. Default 30 000. */
  readonly maxDelayMs?: number
  /** Longest wait a server may ask for, milliseconds; a longer one makes the failure final. Default 600 000. */
  readonly maxRetryAfterMs?: number
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number
}

/**
 * Decides whether a failed call is repeated and when: the only such place, so that retries never multiply. Exponential
 * back-off with half jitter; a server's own wish (`Retry-After`) replaces it and is never undercut.
 */
export class RetryPolicy {
  readonly #options: Required<RetryPolicyOptions>

  constructor(options: RetryPolicyOptions = {}) {
    this.#options = {
      attempts: options.attempts ?? 5,
      badOutputAttempts: options.badOutputAttempts ?? 2,
      baseDelayMs: options.baseDelayMs ?? 500,
      maxDelayMs: options.maxDelayMs ?? 30_000,
      maxRetryAfterMs: options.maxRetryAfterMs ?? 600_000,
      random: options.random ?? Math.random,
    }
  }

  /**
   * Milliseconds to wait before the next call, or undefined where the failure stands.
   * @param calls made so far, the failed one included; at least 1
   */
  delayAfter(error: unknown, calls: number): number | undefined {
    const { attempts, badOutputAttempts, baseDelayMs, maxDelayMs, maxRetryAfterMs, random } = this.#options
    if (!isTransient(error) || !isDdaError(error)) return undefined
    const allowed = error.kind === 'bad-output' ? Math.min(attempts, badOutputAttempts) : attempts
    if (calls >= allowed) return undefined
    const own = Math.min(maxDelayMs, baseDelayMs * 2 ** (calls - 1)) * (0.5 + random() / 2)
    const asked = (error as Partial<EndpointError>).retryAfterMs
    if (asked === undefined) return own
    // A little after the time asked for, so that all who wait do not come back in the same instant.
    return asked > maxRetryAfterMs ? undefined : asked + own * 0.1
  }
}
