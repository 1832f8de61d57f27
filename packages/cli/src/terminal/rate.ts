/** How many a second, over the last minute or so: what was long ago says little about now. */
export class Rate {
  readonly #now: () => number
  /** Counts by second, oldest first. */
  readonly #counts: { readonly at: number; count: number }[] = []
  #begun: number | undefined
  #any = false

  /** @param now seconds, monotonic. Default: `performance.now` */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now
  }

  /** The clock begins to run, so that the first result has taken its time. */
  start(): void {
    this.#begun ??= this.#now()
  }

  add(): void {
    this.start()
    this.#any = true
    const at = Math.floor(this.#now())
    const last = this.#counts.at(-1)
    if (last?.at === at) last.count += 1
    else this.#counts.push({ at, count: 1 })
  }

  /** A second; undefined until there is anything to tell from: what never comes, as rollouts while imitating, is no standstill. */
  value(): number | undefined {
    const now = this.#now()
    if (!this.#any) return undefined
    while ((this.#counts[0]?.at ?? now) < now - WINDOW) this.#counts.shift()
    const seconds = Math.min(WINDOW, now - (this.#begun ?? now))
    const count = this.#counts.reduce((sum, entry) => sum + entry.count, 0)
    return seconds < 1 ? undefined : count / seconds
  }
}

/** Seconds. */
const WINDOW = 60
