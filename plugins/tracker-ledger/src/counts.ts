import type { ItemAssessment } from '@dda-thinker/plugin-api'

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
  /** Rollouts with every item asked and passed; of a scope, every item of the scope. */
  readonly solved: number
  /** Items that a judge answered; those of an edit that was never made are not among them. */
  readonly items: number
  readonly itemsPassed: number
  /** `solved` / `rollouts`. */
  readonly solvedRate: number
  /** `itemsPassed` / `items`; absent where none was asked. */
  readonly itemRate?: number
}

/** Pass rates by name; names without a rollout do not occur. */
export class PassRates {
  readonly #tallies = new Map<string, { rollouts: number; solved: number; items: number; itemsPassed: number }>()

  add(name: string, asked: readonly ItemAssessment[], solved: boolean): void {
    const tally = this.#tallies.get(name) ?? { rollouts: 0, solved: 0, items: 0, itemsPassed: 0 }
    tally.rollouts += 1
    tally.solved += solved ? 1 : 0
    tally.items += asked.length
    tally.itemsPassed += asked.filter(({ passed }) => passed === true).length
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
          ...(tally.items > 0 && { itemRate: tally.itemsPassed / tally.items }),
        },
      ]),
    )
  }
}
