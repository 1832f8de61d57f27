export interface Waiter<Pass, Place> {
  /** Where it failed the last time. */
  readonly avoid: Place | undefined
  /** Its own failure, where it has had as many as it may. */
  readonly spent: unknown
  readonly take: (pass: Pass) => void
  readonly fail: (error: unknown) => void
}

/** Those who wait, first come, first served; who was sent away from an empty counter goes before them. */
export class WaitingLine<Pass, Place> implements Iterable<Waiter<Pass, Place>> {
  readonly #first = new Set<Waiter<Pass, Place>>()
  readonly #others = new Set<Waiter<Pass, Place>>()

  get size(): number {
    return this.#first.size + this.#others.size
  }

  add(waiter: Waiter<Pass, Place>, first: boolean): void {
    const line = first ? this.#first : this.#others
    line.add(waiter)
  }

  delete(waiter: Waiter<Pass, Place>): void {
    this.#first.delete(waiter)
    this.#others.delete(waiter)
  }

  /** May be changed meanwhile: who leaves is not met, who comes is. */
  *[Symbol.iterator](): Iterator<Waiter<Pass, Place>> {
    yield* this.#first
    yield* this.#others
  }
}
