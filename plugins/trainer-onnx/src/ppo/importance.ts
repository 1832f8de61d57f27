import { LOG_RATIO_LIMIT } from './kl.ts'

/**
 * Truncated importance sampling (Ionides 2008; in verl and TRL against the mismatch of engines): the weight of each token that was
 * sampled from another policy than the one its ratio starts from, recomputed over sampled probability, at most `cap`. Staleness and an
 * engine that rounds otherwise are both told by it.
 */
export function importanceWeights(recomputed: Float64Array, sampled: Float64Array, cap: number): Float64Array {
  return recomputed.map((logProb, cell) => {
    const gap = logProb - (sampled[cell] ?? 0)
    return Math.min(Math.exp(Math.max(-LOG_RATIO_LIMIT, Math.min(LOG_RATIO_LIMIT, gap))), cap)
  })
}
