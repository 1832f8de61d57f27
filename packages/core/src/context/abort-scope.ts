import { setMaxListeners } from 'node:events'
import { errors } from '../errors.ts'

/**
 * One abort signal for many short calls. Each call gets a signal of its own without a listener on the parent: thousands of
 * listeners on a long-lived signal, or `AbortSignal.any` on Node 20, would grow the memory with the number of calls.
 */
export class AbortScope {
  readonly #children = new Set<Call>()
  readonly #own = new AbortController()
  /** Stops listening to the parents. */
  readonly dispose: () => void

  constructor(...parents: readonly (AbortSignal | undefined)[]) {
    const abort = (event: Event) => this.abort((event.target as AbortSignal).reason)
    for (const parent of parents) {
      if (parent !== undefined) setMaxListeners(0, parent)
      if (parent?.aborted === true) this.abort(parent.reason)
      else parent?.addEventListener('abort', abort, { once: true })
    }
    this.dispose = () => parents.forEach((parent) => parent?.removeEventListener('abort', abort))
  }

  get signal(): AbortSignal {
    return this.#own.signal
  }

  get aborted(): boolean {
    return this.#own.signal.aborted
  }

  abort(reason?: unknown): void {
    this.#own.abort(reason)
    // Where none is given the signal has one.
    for (const child of this.#children) child.abort(this.#own.signal.reason)
  }

  child(): Call {
    const call = new Call()
    if (this.aborted) call.abort(this.#own.signal.reason)
    this.#children.add(call)
    return call
  }

  forget(child: Call): void {
    this.#children.delete(child)
  }
}

export interface DeadlineOptions {
  readonly seconds: number
  readonly code: keyof typeof errors.rows & `DDA_DEADLINE_${string}`
  /** What was awaited, for the message: "the edit by editor-openai". */
  readonly what: string
  readonly stage: string
}

/** A call of a scope. Its signal is made when it is looked at: on Node 20 each leaves 700 bytes in the old generation. */
export class Call {
  declare readonly signal: AbortSignal
  readonly #own = new AbortController()
  #over: { readonly reason: unknown } | undefined
  #giveUp: ((reason: unknown) => void) | undefined

  /** Of the object itself, so that a copy has it too; one function for all, so that they have one hidden class. */
  static readonly #lazy = {
    enumerable: true,
    get(this: Call): AbortSignal {
      return this.#own.signal
    },
  }

  constructor() {
    Object.defineProperty(this, 'signal', Call.#lazy)
  }

  abort(reason: unknown): void {
    this.#over ??= { reason }
    this.#giveUp?.(reason)
    this.#own.abort(reason)
  }

  /** One part of it under a deadline. When that passes the call is aborted, and given up at once whether it heeds its signal or not. */
  async within<T>({ seconds, code, what, stage }: DeadlineOptions, work: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<T>((resolve, reject) => {
        if (this.#over !== undefined) return reject(this.#over.reason)
        this.#giveUp = reject
        const late = () => this.abort(errors.make(code, { what, seconds }, { kind: 'timeout', stage }))
        timer = setTimeout(late, seconds * 1000)
        work().then(resolve, reject)
      })
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Runs one call under a deadline, see {@link Call.within}. */
export async function withDeadline<T>(
  scope: AbortScope,
  options: DeadlineOptions,
  work: (call: { readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const call = scope.child()
  return call.within(options, () => work(call)).finally(() => scope.forget(call))
}
