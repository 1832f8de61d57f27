import { deriveUniform } from '@dda-thinker/plugin-api'

/** Share of the samples, easiest first, that the limit begins at. */
const FIRST_QUANTILE = 0.2
/** Width of the soft limit, in quantiles. */
const TEMPERATURE = 0.1
/** Times that the limit rises. */
const BLOCKS = 50

/**
 * A soft curriculum after DARS: samples are drawn with the weight sigmoid((κ − hardness) / τ), where hardness is the quantile of the
 * negative mean reward and κ rises with the position. Easy ones come early, with hard ones among them. DARS measures hardness anew while
 * it trains; here it is what curation measured.
 *
 * @param easyFirst places of one stratum
 * @returns all of them; the same for the same seed
 */
export function risingQuantile(easyFirst: Uint32Array, idOf: (place: number) => string, seed: number): Uint32Array {
  const { length } = easyFirst
  const drawn = new Uint32Array(length)
  const size = Math.ceil(length / BLOCKS)
  const keys = new Float64Array(length)
  let left = Uint32Array.from({ length }, (_, rank) => rank)
  let done = 0
  for (let block = 0; left.length > 0; block += 1) {
    const limit = FIRST_QUANTILE + (1 - FIRST_QUANTILE) * (done / length)
    // Efraimidis and Spirakis: the largest u^(1/w) are a weighted sample without replacement; in logarithms, which do not underflow.
    for (const rank of left) {
      const inverse = 1 + Math.exp(((rank + 0.5) / length - limit) / TEMPERATURE)
      const uniform = deriveUniform('rising-quantile', seed, block, idOf(easyFirst[rank] ?? 0))
      keys[rank] = inverse * Math.log(Math.max(uniform, Number.MIN_VALUE))
    }
    left.sort((a, b) => (keys[b] ?? 0) - (keys[a] ?? 0))
    for (const rank of left.subarray(0, size)) {
      drawn[done] = easyFirst[rank] ?? 0
      done += 1
    }
    left = left.slice(size)
  }
  return drawn
}
