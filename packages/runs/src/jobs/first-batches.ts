import type { PlanResult, Thinker } from '@dda-thinker/plugin-api'
import { planRequest, type RolloutRequest } from '@dda-thinker/core'

/**
 * A policy that is asked for some plans again. What it writes may depend, in the last bits, on what it writes beside it; so each batch
 * that a plan came from is made as a whole, as at first, and what nobody asked for is dropped.
 *
 * @param positions of the requests that will be asked for, by id, among all that were made at first
 * @param requests those of a stretch of all
 * @param batch how many went to the policy at once
 */
export function inFirstBatches(
  thinker: Thinker,
  positions: ReadonlyMap<string, number>,
  requests: (from: number, to: number) => readonly RolloutRequest[],
  batch: number,
): Thinker {
  return {
    fingerprint: thinker.fingerprint,
    async *plan(asked, options): AsyncIterable<PlanResult> {
      const open = new Set(asked.map(({ id }) => id))
      const numbers = new Set(asked.map(({ id }) => Math.floor((positions.get(id) ?? 0) / batch)))
      for (const number of numbers) {
        const whole = requests(number * batch, (number + 1) * batch)
        for await (const result of thinker.plan(whole.map(planRequest), options)) {
          if (open.delete(result.id)) yield result
        }
      }
    },
  }
}
