export interface Waiter<Pass, Who> {
  readonly who: Who
  readonly take: (pass: Pass) => void
  readonly fail: (error: unknown) => void
}

/** Those who wait, first come, first served; who was sent away from an empty counter goes before them. */
export class WaitingLine<Pass, Who> implements Iterable<Waiter<Pass, Who>> {
  readonly #first = new Set<Waiter<Pass, Who>>()
  readonly #others = new Set<Waiter<Pass, Who>>()

  get size(): number {
    return this.#first.size + this.#others.size
  }

  add(waiter: Waiter<Pass, Who>, first: boolean): void {
    const line = first ? this.#first : this.#others
    line.add(waiter)
  }

  delete(waiter: Waiter<Pass, Who>): void {
    this.#first.delete(waiter)
    this.#others.delete(waiter)
  }

  /** May be changed meanwhile: who leaves is not met, who comes is. */
  *[Symbol.iterator](): Iterator<Waiter<Pass, Who>> {
    yield* this.#first
    yield* this.#others
  }
}
