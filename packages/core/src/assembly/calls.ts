import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/** One call of a plugin's function that has begun and not ended. */
interface Pending {
  readonly plugin: string
  readonly call: string
  readonly since: number
  /** Ends the wait for it; absent while nobody waits. */
  abandon?: (error: DdaError) => void
}

/** Calls that are waited for, of all logs, in the order in which they began: what keeps the process at work. */
const WAITING = new Set<Pending>()

/**
 * For a process that has nothing left that could ever settle its promises: fails the youngest call that is still waited for,
 * which the others wait for, or are as stuck as; ask again where that changes nothing.
 *
 * @returns false where no call of a plugin is waited for
 */
export function abandonPending(): boolean {
  const call = [...WAITING].at(-1)
  if (call === undefined) return false
  WAITING.delete(call)
  const { plugin } = call
  call.abandon?.(errors.make('DDA_PLUGIN_STUCK', { plugin, call: call.call }, { plugin, kind: 'plugin-error' }))
  return true
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
    const call: Pending = { plugin: this.#tally.plugin, call: this.#tally.call, since: performance.now() }
    this.#pending.add(call)
    return call
  }

  /** What the call comes to, or {@link abandonPending}'s error. The caller ends it in either case. */
  async wait<T>(call: Pending, result: PromiseLike<T>): Promise<T> {
    WAITING.add(call)
    try {
      return await new Promise<T>((resolve, reject) => {
        call.abandon = reject
        result.then(resolve, reject)
      })
    } finally {
      WAITING.delete(call)
    }
  }

  /** @param counts false for one of several waits of the same call. */
  end(call: Pending, counts = true): void {
    this.#pending.delete(call)
    this.#tally.ms += performance.now() - call.since
    if (counts) this.#tally.count += 1
  }
}
