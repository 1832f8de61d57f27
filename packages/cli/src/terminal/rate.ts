/** How many a second, over the last minute or so: what was long ago says little about now. */
export class Rate {
  readonly #now: () => number
  /** Counts by second, oldest first. */
  readonly #counts: { readonly at: number; count: number }[] = []
  #begun: number | undefined

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
    const at = Math.floor(this.#now())
    const last = this.#counts.at(-1)
    if (last?.at === at) last.count += 1
    else this.#counts.push({ at, count: 1 })
  }

  /** A second; undefined until there is anything to tell from. */
  value(): number | undefined {
    const now = this.#now()
    while ((this.#counts[0]?.at ?? now) < now - WINDOW) this.#counts.shift()
    const seconds = Math.min(WINDOW, now - (this.#begun ?? now))
    const count = this.#counts.reduce((sum, entry) => sum + entry.count, 0)
    return seconds < 1 || (count === 0 && seconds < WINDOW) ? undefined : count / seconds
  }
}

/** Seconds. */
const WINDOW = 60
