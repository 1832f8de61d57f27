/** Counts by name, whatever data call things: `constructor` and `__proto__` are names like any other. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(name: string, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count)
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** In the order in which the names came. */
  toRecord(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}
