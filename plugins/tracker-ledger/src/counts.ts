/** Counters by name. */
export class Counts {
  readonly #counts = new Map<string, number>()

  add(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }

  /** Sorted by name. */
  all(): Record<string, number> {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
}

/** How often rollouts and checklist items passed. */
export interface PassRate {
  readonly rollouts: number
  /** Rollouts with every item passed. */
  readonly solved: number
  readonly items: number
  readonly itemsPassed: number
  /** `solved` / `rollouts`. */
  readonly solvedRate: number
  /** `itemsPassed` / `items`. */
  readonly itemRate: number
}

/** Pass rates by name; names without a rollout do not occur. */
export class PassRates {
  readonly #tallies = new Map<string, { rollouts: number; solved: number; items: number; itemsPassed: number }>()

  add(name: string, items: number, itemsPassed: number): void {
    const tally = this.#tallies.get(name) ?? { rollouts: 0, solved: 0, items: 0, itemsPassed: 0 }
    tally.rollouts += 1
    tally.solved += items > 0 && itemsPassed === items ? 1 : 0
    tally.items += items
    tally.itemsPassed += itemsPassed
    this.#tallies.set(name, tally)
  }

  all(): Record<string, PassRate> {
    const sorted = [...this.#tallies].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(
      sorted.map(([name, tally]) => [
        name,
        {
          ...tally,
          solvedRate: tally.solved / tally.rollouts,
          itemRate: tally.items === 0 ? 0 : tally.itemsPassed / tally.items,
        },
      ]),
    )
  }
}
