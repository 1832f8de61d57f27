import type { BenchmarkResult } from '@dda-thinker/runs'
import { benchmarkRecordReport, benchmarkRecordText } from '../terminal/benchmark-record.ts'
import type { Context, Outcome } from '../terminal/output.ts'
import { stopped } from './eval-run.ts'

/** What `dda benchmark run` says at its end. */
export function benchmarkOutcome(context: Context, name: string, data: string, result: BenchmarkResult): Outcome {
  const { state, runDir, benchmark, record } = result
  const facts = { run: name, runDir, state, data, benchmark: benchmark.name, rules: benchmark.rules }
  if (record === undefined) return stopped(context, name, result, facts)
  const noJudge =
    benchmark.judge === undefined
      ? ['No judge is configured: add `judge` to the block of the benchmark, or run the official script.']
      : []
  return {
    exitCode: 0,
    data: { ...facts, ...benchmarkRecordReport(record) },
    text: [benchmarkRecordText(record), ...noJudge, `Record: ${runDir}`].join('\n\n'),
  }
}
