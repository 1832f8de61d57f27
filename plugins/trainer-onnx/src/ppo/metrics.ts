import { PPO_STATS, type PpoStat } from './stats.ts'

/**
 * 1 − Var(returns − values) / Var(returns), population variances: 1 for a perfect critic, 0 for one that says the same of
 * every state, negative for one that is worse than that.
 * @returns undefined where the returns do not vary: then nothing is there to be explained.
 */
export function explainedVariance(
  values: ArrayLike<number>,
  returns: ArrayLike<number>,
  mask?: ArrayLike<number>,
): number | undefined {
  const all = summary(returns, mask)
  if (all.count === 0 || all.std === 0) return undefined
  const errors = Float64Array.from(returns, (target, i) => target - (values[i] as number))
  return 1 - (summary(errors, mask).std / all.std) ** 2
}

export interface Summary {
  readonly mean: number
  /** Population standard deviation. */
  readonly std: number
  readonly min: number
  readonly max: number
  readonly count: number
}

/** Of the unmasked values; all numbers are 0 where there are none. */
export function summary(values: ArrayLike<number>, mask?: ArrayLike<number>): Summary {
  let [count, sum, min, max] = [0, 0, Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    if (mask !== undefined && mask[i] === 0) continue
    const value = values[i] as number
    count++
    sum += value
    if (value < min) min = value
    if (value > max) max = value
  }
  if (count === 0) return { mean: 0, std: 0, min: 0, max: 0, count: 0 }
  const mean = min === max ? min : sum / count
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    if (mask === undefined || mask[i] !== 0) squares += ((values[i] as number) - mean) ** 2
  }
  return { mean, std: Math.sqrt(squares / count), min, max, count }
}

/** Gathers the loss graph's statistics: summed over the micro-batches of a mini-batch, averaged over mini-batches. */
export class StatsAccumulator {
  private readonly sums = new Float64Array(PPO_STATS.length)
  private ratioMax = -Infinity
  private miniBatches = 0

  /** @param stats one micro-batch's, in the order of {@link PPO_STATS}. */
  add(stats: ArrayLike<number>): void {
    PPO_STATS.forEach((name, i) => {
      const value = stats[i] as number
      if (name === 'ratioMax') this.ratioMax = Math.max(this.ratioMax, value)
      else this.sums[i] = (this.sums[i] as number) + value
    })
  }

  endMiniBatch(): void {
    this.miniBatches++
  }

  /** Means over mini-batches; `ratioMax` is the largest of all. */
  result(): Readonly<Record<PpoStat, number>> {
    const entries = PPO_STATS.map((name, i) => [
      name,
      name === 'ratioMax' ? this.ratioMax : (this.sums[i] as number) / Math.max(this.miniBatches, 1),
    ])
    return Object.fromEntries(entries) as Record<PpoStat, number>
  }
}
