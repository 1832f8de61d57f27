export interface CircuitBreakerOptions {
  /** Failures in a row that open it. Default 5. */
  readonly failures?: number
  /** Milliseconds it stays open the first time; doubles from trial to failed trial. Default 1000. */
  readonly cooldownMs?: number
  /** Default 30 000. */
  readonly maxCooldownMs?: number
}

export type BreakerState = 'closed' | 'open' | 'trial'

/**
 * Keeps calls away from an endpoint that is failing. Closed: all pass. Open: none, until the cool-down ends. Then one
 * call at a time is let through as a trial: its success closes the breaker, its failure opens it for twice as long.
 */
export class CircuitBreaker {
  readonly #failures: number
  readonly #cooldownMs: number
  readonly #maxCooldownMs: number
  #state: BreakerState = 'closed'
  #inARow = 0
  #openUntil = 0
  #cooldown: number
  #failingSince: number | undefined

  constructor({ failures = 5, cooldownMs = 1000, maxCooldownMs = 30_000 }: CircuitBreakerOptions = {}) {
    this.#failures = failures
    this.#cooldownMs = cooldownMs
    this.#maxCooldownMs = maxCooldownMs
    this.#cooldown = cooldownMs
  }

  get state(): BreakerState {
    return this.#state
  }

  /** Time of the first failure since the last success, milliseconds. */
  get failingSince(): number | undefined {
    return this.#failingSince
  }

  /** When the next call may pass, as far as the breaker knows; undefined while a trial is under way. */
  opensAt(): number | undefined {
    if (this.#state === 'closed') return 0
    return this.#state === 'open' ? this.#openUntil : undefined
  }

  /** Whether a call may pass now. */
  allows(now: number): boolean {
    return this.#state === 'closed' || (this.#state === 'open' && now >= this.#openUntil)
  }

  /** Takes the pass; to be followed by exactly one of the `on` methods or by {@link release}. Is it a trial? */
  take(): boolean {
    if (this.#state !== 'open') return false
    this.#state = 'trial'
    return true
  }

  onSuccess(): void {
    this.#state = 'closed'
    this.#inARow = 0
    this.#cooldown = this.#cooldownMs
    this.#failingSince = undefined
  }

  /**
   * @param trial what {@link take} said of this call
   * @param unreachable nothing was there to answer, so that no further failure is needed to open it
   */
  onFailure(now: number, trial: boolean, unreachable = false): void {
    this.#failingSince ??= now
    this.#inARow += 1
    if (trial) {
      this.#cooldown = Math.min(this.#maxCooldownMs, this.#cooldown * 2)
      this.#open(now)
    } else if (this.#state === 'closed' && (unreachable || this.#inARow >= this.#failures)) {
      this.#open(now)
    }
  }

  /** A trial that ended without saying anything about the endpoint (it was aborted): the next call is one. */
  release(trial: boolean): void {
    if (trial && this.#state === 'trial') this.#state = 'open'
  }

  #open(now: number): void {
    this.#state = 'open'
    this.#openUntil = now + this.#cooldown
  }
}
