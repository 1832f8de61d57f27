import type { BenchmarkScores } from '@dda-thinker/plugin-api'
import {
  bootstrapMean,
  type BootstrapOptions,
  type Estimate,
  groupBy,
  type PairedDifference,
  pairedDifference,
  wilson,
} from './statistics/interval.ts'

/** How much of a benchmark its figures rest on. */
export interface BenchmarkCoverage {
  /** Items. */
  readonly n: number
  /** Fraction of the items of which every answer could be used; 0 where there is no item. */
  readonly coverage: number
  /** Items with an answer that could not be read. */
  readonly unparsable: number
  /** Items with an answer that is not there. */
  readonly missing: number
}

export function benchmarkCoverage({ items, problems }: Pick<BenchmarkScores, 'items' | 'problems'>): BenchmarkCoverage {
  const touched = (...kinds: readonly string[]) =>
    new Set(problems.filter(({ problem }) => kinds.includes(problem)).map(({ item }) => item)).size
  return {
    n: items.length,
    coverage: items.length === 0 ? 0 : 1 - touched('unparsable', 'missing') / items.length,
    unparsable: touched('unparsable'),
    missing: touched('missing'),
  }
}

/** The figure by which Thinkers are compared, over the items that have it. */
export interface PrimaryEstimates {
  readonly primary: Estimate
  readonly primaryByCategory: Readonly<Record<string, Estimate>>
}

/** Wilson intervals for what is 0 or 1 in every item, else a bootstrap. */
export function primaryEstimates(
  { items }: Pick<BenchmarkScores, 'items'>,
  primary: string,
  options: BootstrapOptions,
): PrimaryEstimates {
  const values = items.map(({ category, figures }) => ({ category, value: figures[primary] ?? null }))
  const isBinary = values.every(({ value }) => value === null || value === 0 || value === 1)
  const estimate = (group: typeof values): Estimate => {
    const measured = group.flatMap(({ value }) => (value === null ? [] : [value]))
    return isBinary
      ? wilson(measured.filter((value) => value === 1).length, measured.length, options.confidence)
      : bootstrapMean(measured, options)
  }
  const byCategory = [...groupBy(values, ({ category }) => category)].map(
    ([category, group]) => [category, estimate([...group])] as const,
  )
  return { primary: estimate(values), primaryByCategory: Object.fromEntries(byCategory) }
}

export interface PairedBenchmark extends PairedDifference {
  /** Items without a usable answer for both; they are in no pair. */
  readonly unpaired: number
}

/** Mean of `b - a` in the primary figure, over the items whose answers about both could all be used. */
export function pairedBenchmark(
  a: BenchmarkScores,
  b: BenchmarkScores,
  primary: string,
  options: BootstrapOptions,
): PairedBenchmark {
  const [before, after] = [usable(a, primary), usable(b, primary)]
  const pairs = [...before].flatMap(([id, value]) => {
    const paired = after.get(id)
    return paired === undefined ? [] : [[value, paired] as const]
  })
  const test = pairedDifference(
    pairs.map(([value]) => value),
    pairs.map(([, value]) => value),
    options,
  )
  return { ...test, unpaired: b.items.length - pairs.length }
}

function usable({ items, problems }: BenchmarkScores, primary: string): ReadonlyMap<string, number> {
  const troubled = new Set(problems.map(({ item }) => item))
  return new Map(
    items.flatMap(({ id, figures }) => {
      const value = figures[primary] ?? null
      return troubled.has(id) || value === null ? [] : [[id, value] as const]
    }),
  )
}
