import { type BenchmarkCoverage, benchmarkCoverage, type Estimate } from '@dda-thinker/evaluation'
import type { BenchmarkRecord } from '@dda-thinker/runs'
import type { BenchmarkReportInput } from './benchmark-input.ts'

/** An estimate; all null where nothing was measured. */
interface Figure {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
}

/** `summary.json` of a benchmark: the headline as numbers, for scripts. */
export interface BenchmarkSummary extends Pick<
  BenchmarkRecord,
  'rules' | 'primary' | 'confidence' | 'differences' | 'references'
> {
  readonly benchmark: string
  readonly judge: string | null
  /** By name; without coverage where nothing was judged. */
  readonly thinkers: Readonly<
    Record<string, Figure & Partial<BenchmarkCoverage> & { readonly byCategory: Readonly<Record<string, Figure>> }>
  >
  readonly seed: number
}

export function summariseBenchmark({ record, seed }: BenchmarkReportInput): BenchmarkSummary {
  const { name, rules, judge, primary, confidence, thinkers, differences, references } = record
  const arms = Object.entries(thinkers).map(([thinker, arm]) => {
    const byCategory = Object.entries(arm.primaryByCategory ?? {}).map(([key, value]) => [key, figureOf(value)])
    return [
      thinker,
      {
        ...figureOf(arm.primary),
        ...(arm.scores === undefined ? {} : benchmarkCoverage(arm.scores)),
        byCategory: Object.fromEntries(byCategory) as Readonly<Record<string, Figure>>,
      },
    ] as const
  })
  return {
    benchmark: name,
    rules,
    judge: judge ?? null,
    primary,
    confidence,
    thinkers: Object.fromEntries(arms),
    differences,
    references,
    seed,
  }
}

function figureOf(estimate: Estimate | undefined): Figure {
  return { value: estimate?.value ?? null, low: estimate?.low ?? null, high: estimate?.high ?? null }
}
