import type { Rollout } from '@dda-thinker/plugin-api'
import { LRUCache } from 'lru-cache'

/** Of how many rollouts that were asked for again the objects stay. */
const ASKED_AGAIN = 1000

/**
 * The last results, to be found by equal requests. Most are asked for once: they are kept as text, for a rollout has some eighty objects, each of which
 * every collection of garbage would have to visit, and which die in the old generation when they are let go of. What is asked for again stays an object.
 */
export class KeptRollouts {
  readonly #texts: LRUCache<string, string>
  readonly #objects = new LRUCache<string, Rollout>({ max: ASKED_AGAIN })

  /** @param most how many are kept */
  constructor(most: number) {
    this.#texts = new LRUCache({ max: most })
  }

  has(key: string): boolean {
    return this.#texts.has(key)
  }

  /** The same object for the same key, for as long as it is asked for often enough. */
  get(key: string): Rollout | undefined {
    const text = this.#texts.get(key)
    if (text === undefined) return undefined
    const known = this.#objects.get(key)
    if (known !== undefined) return known
    const rollout = JSON.parse(text) as Rollout
    this.#objects.set(key, rollout)
    return rollout
  }

  set(key: string, rollout: Rollout): void {
    this.#objects.delete(key)
    this.#texts.set(key, JSON.stringify(rollout))
  }
}
