import type { BenchmarkReference, BenchmarkScores, Sample } from '@dda-thinker/plugin-api'
import type { FailureCause, PairedBenchmark, PrimaryEstimates } from '@dda-thinker/evaluation'
import { writeFileAtomic } from '@dda-thinker/store'
import { runFile } from './layout.ts'
import { readJson } from './read-json.ts'
import { BENCHMARK_RECORD } from '../shapes/record-shapes.ts'

/** What a Thinker came to. */
export interface BenchmarkArm extends Partial<PrimaryEstimates> {
  /** Folder of the official layout. */
  readonly results: string
  /** Pictures that were made; the others failed, and are missing. */
  readonly edited: number
  /** Why the others failed. Not told by records of before. */
  readonly causes?: readonly FailureCause[]
  /** Absent, like the estimates, where no judge is configured. */
  readonly scores?: BenchmarkScores
}

export interface BenchmarkDifference extends PairedBenchmark {
  readonly a: string
  readonly b: string
}

/** `benchmark.json`: everything that a table of the run needs. */
export interface BenchmarkRecord {
  readonly name: string
  readonly rules: Readonly<Record<string, string>>
  /** The figure by which Thinkers are compared. */
  readonly primary: string
  readonly fingerprint: string
  /** Fingerprint; absent where none was configured. */
  readonly judge?: string
  /** Items, in the order of the data. */
  readonly samples: readonly Pick<Sample, 'id' | 'category' | 'subtask' | 'instruction' | 'images'>[]
  /** Level of every interval. */
  readonly confidence: number
  /** By name, the baseline first. */
  readonly thinkers: Readonly<Record<string, BenchmarkArm>>
  /** Every other Thinker against the first. */
  readonly differences: readonly BenchmarkDifference[]
  /** Published figures. */
  readonly references: readonly BenchmarkReference[]
}

export async function writeBenchmarkRecord(runDir: string, record: BenchmarkRecord): Promise<void> {
  await writeFileAtomic(runFile(runDir, 'benchmark'), `${JSON.stringify(record, undefined, 2)}\n`)
}

/**
 * What a benchmark run found; `undefined` where it has not come so far.
 *
 * @throws DdaError `DDA_RUN_CORRUPT`
 */
export function readBenchmarkRecord(runDir: string): Promise<BenchmarkRecord | undefined> {
  return readJson<BenchmarkRecord>(runFile(runDir, 'benchmark'), BENCHMARK_RECORD)
}
