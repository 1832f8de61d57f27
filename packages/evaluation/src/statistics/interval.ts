import { normalQuantile } from './normal-quantile.ts'
import { seededRandom } from './random.ts'

/** A point estimate and its confidence interval. Of nothing (`count` 0) all three numbers are absent. */
export interface Estimate {
  /** Observations the estimate rests on. */
  readonly count: number
  readonly value?: number
  readonly low?: number
  readonly high?: number
}

export interface BootstrapOptions {
  /** Same seed and values, same interval. Default 1. */
  readonly seed?: number
  /** Default 2000. */
  readonly resamples?: number
  /** Default 0.95. */
  readonly confidence?: number
}

/**
 * Wilson score interval of a proportion (Wilson, 1927; Brown, Cai and DasGupta, 2001, equation 4): keeps its coverage for
 * small counts and for proportions near 0 and 1, where the textbook interval collapses.
 *
 * @param confidence Two-sided level. Default 0.95.
 */
export function wilson(successes: number, count: number, confidence = 0.95): Estimate {
  if (!Number.isInteger(successes) || !Number.isInteger(count) || successes < 0 || successes > count) {
    throw new RangeError(`${successes} successes of ${count} is no proportion.`)
  }
  if (count === 0) return { count }
  const z = normalQuantile(0.5 + confidence / 2)
  const p = successes / count
  const shrink = 1 + (z * z) / count
  const centre = (p + (z * z) / (2 * count)) / shrink
  const half = (z / shrink) * Math.sqrt((p * (1 - p)) / count + (z * z) / (4 * count * count))
  // The ends are exactly 0 and 1 there; rounding would leave 1e-17.
  const low = successes === 0 ? 0 : Math.max(0, centre - half)
  const high = successes === count ? 1 : Math.min(1, centre + half)
  return { count, value: p, low, high }
}

/** More values than this are not drawn again: at 2000 resamples that would take seconds, and give the normal interval to four digits. */
const MOST_DRAWN = 50_000

/**
 * Percentile bootstrap of the mean (Efron, 1979). Quantiles are interpolated linearly (type 7). Of more than 50,000 values the normal interval,
 * which the bootstrap's tends to.
 */
export function bootstrapMean(values: readonly number[], options: BootstrapOptions = {}): Estimate {
  const { seed = 1, resamples = 2000, confidence = 0.95 } = options
  const count = values.length
  if (count === 0) return { count }
  if (count > MOST_DRAWN) return normalMean(values, confidence)
  const random = seededRandom(seed)
  const means = new Float64Array(resamples)
  for (let i = 0; i < resamples; i++) {
    let sum = 0
    for (let j = 0; j < count; j++) sum += values[Math.floor(random() * count)] as number
    means[i] = sum / count
  }
  means.sort()
  const tail = (1 - confidence) / 2
  return { count, value: mean(values), low: sortedQuantile(means, tail), high: sortedQuantile(means, 1 - tail) }
}

function normalMean(values: readonly number[], confidence: number): Estimate {
  const value = mean(values)
  const variance = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / values.length
  const half = normalQuantile(0.5 + confidence / 2) * Math.sqrt(variance / values.length)
  return { count: values.length, value, low: value - half, high: value + half }
}

/** How a paired comparison came out: the mean of `b - a` and the pairs behind it. */
export interface PairedDifference extends Estimate {
  /** Pairs where `b` is greater. */
  readonly better: number
  readonly worse: number
  readonly same: number
}

/**
 * Mean of `b[i] - a[i]` with a bootstrap over pairs: what differs between samples cancels, so the interval is about the
 * change alone.
 *
 * @throws RangeError where the two differ in length.
 */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
  options: BootstrapOptions = {},
): PairedDifference {
  if (a.length !== b.length) throw new RangeError(`Pairs are needed, not ${a.length} and ${b.length} values.`)
  const differences = a.map((value, i) => (b[i] as number) - value)
  const better = differences.filter((difference) => difference > 0).length
  const worse = differences.filter((difference) => difference < 0).length
  return { ...bootstrapMean(differences, options), better, worse, same: differences.length - better - worse }
}

/** Groups values by a key; keys in alphabetical order, so that tables do not depend on the order of records. */
export function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return new Map([...groups].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Linear interpolation between order statistics (Hyndman and Fan, type 7). */
function sortedQuantile(sorted: Float64Array, p: number): number {
  const position = (sorted.length - 1) * p
  const below = Math.floor(position)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  return low + (high - low) * (position - below)
}
