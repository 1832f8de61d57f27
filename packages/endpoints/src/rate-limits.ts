import type { CallAttempts } from './call-attempts.ts'

/** What becomes of a call that was told of a rate limit. */
export type AfterRateLimit =
  /** It is tried again. */
  | 'again'
  /** The same, and by now others than this one wait too. */
  | 'outage'
  /** It ends in that failure, alone: it may be too large for any limit. */
  | 'own'
  /** No call has got through for too long: all end. */
  | 'lost'

/** How long rate limits are waited for. They cost none of the attempts, since waiting is what they ask for. */
export class RateLimits {
  readonly #attempts: number
  readonly #giveUpAfterMs: number
  /** Calls that have met one since the last success, by their ids, and when the first did. */
  readonly #calls = new Set<number>()
  #since = 0

  constructor(attempts: number, giveUpAfterMs: number) {
    this.#attempts = attempts
    this.#giveUpAfterMs = giveUpAfterMs
  }

  /** When the first call since the last success met one, milliseconds of `performance.now()`. */
  get since(): number {
    return this.#since
  }

  onSuccess(): void {
    this.#calls.clear()
  }

  /** As often as there are attempts it is tried again in any case; whoever has one alone does not want to wait. */
  after(call: CallAttempts, now: number): AfterRateLimit {
    if (this.#calls.size === 0) this.#since = now
    this.#calls.add(call.id)
    call.limits += 1
    call.limitedSince ??= now
    if (call.limits < this.#attempts) return 'again'
    if (this.#attempts === 1) return 'own'
    const areSeveral = this.#calls.size > 1
    if (areSeveral && call.alone !== true && now - this.#since >= this.#giveUpAfterMs) return 'lost'
    if (now - call.limitedSince >= this.#giveUpAfterMs) return 'own'
    return areSeveral ? 'outage' : 'again'
  }
}
