/** Events that come by callback, read as an async iterable; nothing is lost, whoever is faster. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = []
  #ended = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  push(event: T): void {
    this.#waiting.push(event)
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** What has come before is still read first. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.end()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      while (this.#waiting.length > 0) yield this.#waiting.shift() as T
      if (this.#failure !== undefined) throw this.#failure.error
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }
}
