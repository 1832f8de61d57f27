export interface AdaptiveLimitOptions {
  /** Never more calls at once than this. */
  readonly max: number
  /** Where it begins. Default `min(20, max)`. */
  readonly start?: number
}

/** Rate limits within this many milliseconds are one episode and cost one decrease. */
const DEBOUNCE_MS = 15_000
const DECREASE = 0.8
const INCREASE = 0.05

/**
 * How many calls an endpoint is given at once, found out by additive increase and multiplicative decrease: the limit
 * doubles after each full clean window until the first rate limit, then grows by 5 % (at least one) a window and
 * shrinks to 80 % an episode. Numbers after inspect_ai's adaptive connections.
 */
export class AdaptiveLimit {
  readonly #max: number
  #limit: number
  #slowStart = true
  #clean = 0
  #lastDecrease = Number.NEGATIVE_INFINITY

  constructor({ max, start = Math.min(20, max) }: AdaptiveLimitOptions) {
    this.#max = max
    this.#limit = Math.max(1, Math.min(max, start))
  }

  /** Calls allowed at once; an integer from 1 to the maximum. */
  get current(): number {
    return Math.floor(this.#limit)
  }

  /** @param saturated the limit was in full use: only then does success show that there is room. */
  onSuccess(saturated: boolean): void {
    if (!saturated) return
    this.#clean += 1
    if (this.#clean < this.current) return
    this.#clean = 0
    const step = this.#slowStart ? this.#limit : Math.max(1, this.#limit * INCREASE)
    this.#limit = Math.min(this.#max, this.#limit + step)
  }

  /** @param now milliseconds */
  onRateLimit(now: number): void {
    this.#clean = 0
    this.#slowStart = false
    if (now - this.#lastDecrease < DEBOUNCE_MS) return
    this.#lastDecrease = now
    this.#limit = Math.max(1, this.#limit * DECREASE)
  }
}
