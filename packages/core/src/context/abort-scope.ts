import { setMaxListeners } from 'node:events'
import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'

/**
 * One abort signal for many short calls. Each call gets a signal of its own without a listener on the parent: thousands of
 * listeners on a long-lived signal, or `AbortSignal.any` on Node 20, would grow the memory with the number of calls.
 */
export class AbortScope {
  readonly #children = new Set<AbortController>()
  readonly #own = new AbortController()
  readonly #release: () => void

  constructor(...parents: readonly (AbortSignal | undefined)[]) {
    const abort = (event: Event) => this.abort((event.target as AbortSignal).reason)
    for (const parent of parents) {
      if (parent !== undefined) setMaxListeners(0, parent)
      if (parent?.aborted === true) this.abort(parent.reason)
      else parent?.addEventListener('abort', abort, { once: true })
    }
    this.#release = () => parents.forEach((parent) => parent?.removeEventListener('abort', abort))
  }

  get signal(): AbortSignal {
    return this.#own.signal
  }

  get aborted(): boolean {
    return this.#own.signal.aborted
  }

  abort(reason?: unknown): void {
    this.#own.abort(reason)
    for (const child of this.#children) child.abort(reason)
  }

  child(): AbortController {
    const controller = new AbortController()
    if (this.aborted) controller.abort(this.#own.signal.reason)
    this.#children.add(controller)
    return controller
  }

  forget(child: AbortController): void {
    this.#children.delete(child)
  }

  /** Stops listening to the parents. */
  dispose(): void {
    this.#release()
  }
}

export interface DeadlineOptions {
  readonly seconds: number
  readonly code: keyof typeof errors.rows & `DDA_DEADLINE_${string}`
  /** What was awaited, for the message: "the edit by editor-openai". */
  readonly what: string
  readonly stage: string
}

export function deadlineError({ code, what, seconds, stage }: DeadlineOptions): DdaError {
  return errors.make(code, { what, seconds }, { kind: 'timeout', stage })
}

/**
 * Runs one call under a deadline. When it passes, the call's signal is aborted and the call is given up at once, whether it
 * heeds the signal or not.
 */
export async function withDeadline<T>(
  scope: AbortScope,
  options: DeadlineOptions,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = scope.child()
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => {
        const error = deadlineError(options)
        reject(error)
        controller.abort(error)
      }, options.seconds * 1000)
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error), { once: true })
      if (controller.signal.aborted) reject(controller.signal.reason as Error)
      else call(controller.signal).then(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
    scope.forget(controller)
  }
}
