/** One call of a plugin's function that has begun and not ended. */
interface Pending {
  readonly plugin: string
  readonly call: string
  readonly since: number
}

interface Tally {
  readonly plugin: string
  readonly call: string
  count: number
  ms: number
}

/** Counts and times calls, and knows which never ended. */
export class CallLog {
  readonly #pending = new Set<Pending>()
  readonly #tallies = new Map<string, Tally>()

  /** A meter of one function; made once, so that a call costs no look-up. */
  meter(plugin: string, call: string): CallMeter {
    const key = `${plugin}\0${call}`
    let tally = this.#tallies.get(key)
    if (tally === undefined) {
      tally = { plugin, call, count: 0, ms: 0 }
      this.#tallies.set(key, tally)
    }
    return new CallMeter(tally, this.#pending)
  }

  pending(): readonly { readonly plugin: string; readonly call: string; readonly ms: number }[] {
    const now = performance.now()
    return [...this.#pending].map(({ plugin, call, since }) => ({ plugin, call, ms: now - since }))
  }

  timings(): readonly {
    readonly plugin: string
    readonly call: string
    readonly count: number
    readonly ms: number
  }[] {
    return [...this.#tallies.values()].filter((tally) => tally.count > 0).map((tally) => ({ ...tally }))
  }
}

export class CallMeter {
  readonly #tally: Tally
  readonly #pending: Set<Pending>

  constructor(tally: Tally, pending: Set<Pending>) {
    this.#tally = tally
    this.#pending = pending
  }

  begin(): Pending {
    const call = { plugin: this.#tally.plugin, call: this.#tally.call, since: performance.now() }
    this.#pending.add(call)
    return call
  }

  /** @param counts false for one of several waits of the same call. */
  end(call: Pending, counts = true): void {
    this.#pending.delete(call)
    this.#tally.ms += performance.now() - call.since
    if (counts) this.#tally.count += 1
  }
}
