import { deriveUniform } from '@dda-thinker/plugin-api'
import type { Measured } from './measured.ts'

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
 * @param easyFirst of one stratum
 * @returns all of them; the same for the same seed
 */
export function risingQuantile(easyFirst: readonly Measured[], seed: number): Measured[] {
  let left = easyFirst.map((sample, index) => ({ sample, hardness: (index + 0.5) / easyFirst.length }))
  const drawn: Measured[] = []
  const size = Math.ceil(easyFirst.length / BLOCKS)
  for (let block = 0; left.length > 0; block += 1) {
    const limit = FIRST_QUANTILE + (1 - FIRST_QUANTILE) * (drawn.length / easyFirst.length)
    // Efraimidis and Spirakis: the largest u^(1/w) are a weighted sample without replacement; in logarithms, which do not underflow.
    const keyed = left.map((one) => {
      const inverse = 1 + Math.exp((one.hardness - limit) / TEMPERATURE)
      const uniform = deriveUniform('rising-quantile', seed, block, one.sample.id)
      return { one, key: inverse * Math.log(Math.max(uniform, Number.MIN_VALUE)) }
    })
    keyed.sort((a, b) => b.key - a.key)
    drawn.push(...keyed.slice(0, size).map(({ one }) => one.sample))
    left = keyed.slice(size).map(({ one }) => one)
  }
  return drawn
}
