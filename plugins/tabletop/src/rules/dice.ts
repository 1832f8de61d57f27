import { hashText, randomOf } from '@dda-thinker/tabletop-world'

/** Draws of one sample; everything random about it follows from its key. */
export class Dice {
  readonly #next: () => number

  constructor(key: string) {
    this.#next = randomOf(hashText(key))
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.#next()
  }

  chance(probability: number): boolean {
    return this.#next() < probability
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1))
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#next() * items.length)]
    if (item === undefined) throw new RangeError('cannot pick from an empty list')
    return item
  }

  /** One of the items, each as likely as its weight says. */
  weighted<T>(items: readonly T[], weightOf: (item: T) => number): T {
    let at = this.#next() * items.reduce((sum, item) => sum + weightOf(item), 0)
    const found = items.find((item) => {
      at -= weightOf(item)
      return at < 0
    })
    // Rounding can leave nothing over for the last one.
    const item = found ?? items[0]
    if (item === undefined) throw new RangeError('cannot pick from an empty list')
    return item
  }

  /** `count` different items in random order; fewer where there are not so many. */
  sample<T>(items: readonly T[], count: number): T[] {
    return this.shuffle(items).slice(0, count)
  }

  shuffle<T>(items: readonly T[]): T[] {
    const result = [...items]
    for (let i = result.length - 1; i > 0; i--) {
      const j = Math.floor(this.#next() * (i + 1))
      const swap = result[i] as T
      result[i] = result[j] as T
      result[j] = swap
    }
    return result
  }
}
