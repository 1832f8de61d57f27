/**
 * Whether a service works, where all that it was asked of late has failed: it is asked for something made up. So a sample that no server
 * survives is told from a server that is broken, which look the same where that sample alone is left.
 */
export class ControlCall {
  readonly #ask: (signal: AbortSignal) => Promise<boolean>
  readonly #end = new AbortController()
  #answer: Promise<boolean> | undefined
  /** Until anything passes there is nothing new to find out. */
  #failed = false

  /** @param ask makes the call; its signal is aborted by {@link close} alone, since many wait for the same answer */
  constructor(ask: (signal: AbortSignal) => Promise<boolean>) {
    this.#ask = ask
  }

  /** All who ask at once have the same answer, and all who ask after a failure, until {@link onSuccess}. @throws the signal's reason */
  async passes(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    if (this.#failed) return false
    this.#answer ??= this.#ask(this.#end.signal)
      .then((passes) => {
        this.#failed = !passes
        return passes
      })
      .finally(() => (this.#answer = undefined))
    const answer = this.#answer
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error)
      signal.addEventListener('abort', onAbort, { once: true })
      void answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    })
  }

  onSuccess(): void {
    this.#failed = false
  }

  close(): void {
    this.#end.abort()
  }
}
