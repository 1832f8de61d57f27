import type { CounterRandom } from '../policy/random.ts'
import type { PlanRow } from './rows.ts'

/** Pieces in a random instruction: as many as sentences have. */
const SHORTEST = 5
const LONGEST = 15

/**
 * Replaces the instructions of a share of the rows by random pieces, always of rows whose plan is among the shorter half: the
 * policy learns to answer what it does not understand with one plausible plan for the picture, not with several edits.
 * From such guesses reinforcement learning can find out what the instruction means.
 * @param share of all rows, at most one half
 */
export function withInstructionNoise<R extends PlanRow>(
  rows: readonly R[],
  share: number,
  random: CounterRandom,
  limits: { readonly emittable: number; readonly maxPrompt: number },
): R[] {
  if (share === 0) return [...rows]
  const lengths = rows.map((row) => row.tokens.length).toSorted((a, b) => a - b)
  const middle = lengths[Math.floor(lengths.length / 2)] ?? 0
  return rows.map((row) => {
    if (row.tokens.length > middle || random.uniform() >= 2 * share) return row
    const length = Math.min(limits.maxPrompt, SHORTEST + Math.floor(random.uniform() * (LONGEST - SHORTEST + 1)))
    return { ...row, prompt: Array.from({ length }, () => Math.floor(random.uniform() * limits.emittable)) }
  })
}
