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
/** When the last call, or wait for an item, began or ended; milliseconds of `performance.now()`. */
let touched = 0

/**
 * For a process that has nothing left that could ever settle its promises: fails the youngest call that is still waited for,
 * which the others wait for, or are as stuck as; ask again where that changes nothing.
 *
 * @param seconds of silence that were too many; absent: nothing is left to wait for
 * @returns false where no call of a plugin is waited for
 */
export function abandonPending(seconds?: number): boolean {
  const waiting = [...WAITING].at(-1)
  if (waiting === undefined) return false
  WAITING.delete(waiting)
  const { plugin, call } = waiting
  const why = seconds ? `all else is idle for ${seconds} s (engine.deadline.call)` : 'nothing is left to wait for'
  waiting.abandon?.(errors.make('DDA_PLUGIN_STUCK', { plugin, call, why }, { plugin, kind: 'plugin-error' }))
  return true
}

/** {@link abandonPending} where no call of a plugin has begun or ended for so long. @returns ends the watch */
export function watchCalls(seconds: number): () => void {
  const look = () => void (performance.now() - touched >= seconds * 1000 && abandonPending(seconds))
  const timer = setInterval(look, Math.min(seconds * 250, 30_000)).unref()
  return () => clearInterval(timer)
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

  timings(): readonly Readonly<Tally>[] {
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
    const call: Pending = { plugin: this.#tally.plugin, call: this.#tally.call, since: (touched = performance.now()) }
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
    touched = performance.now()
    this.#tally.ms += touched - call.since
    if (counts) this.#tally.count += 1
  }
}
