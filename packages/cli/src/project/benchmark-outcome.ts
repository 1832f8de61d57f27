import type { BenchmarkArm, BenchmarkResult } from '@dda-thinker/runs'
import { benchmarkReport, benchmarkText } from '../terminal/benchmark-scores.ts'
import type { Context, Outcome } from '../terminal/output.ts'
import { signed } from '../terminal/table.ts'
import { stopped } from './eval-run.ts'

/** What `dda benchmark run` says at its end. */
export function benchmarkOutcome(context: Context, name: string, data: string, result: BenchmarkResult): Outcome {
  const { state, runDir, benchmark, differences } = result
  const facts = { run: name, runDir, state, data, benchmark: benchmark.name, rules: benchmark.rules }
  if (state === 'interrupted') return stopped(context, name, result, facts)
  const thinkers = Object.fromEntries(
    Object.entries(result.thinkers).map(([thinker, arm]) => [thinker, armReport(result, arm)]),
  )
  const tables = Object.entries(result.thinkers).map(([thinker, { scores, edited, results }]) =>
    scores === undefined
      ? `${thinker}: ${edited} pictures in ${results}`
      : `${thinker}\n${benchmarkText(benchmark, scores)}`,
  )
  const compared = differences.map(
    ({ a, b, count, value, low, high, better, worse, unpaired }) =>
      `${b} − ${a}: ${signed(value)} (${signed(low)} to ${signed(high)}) over ${count} pairs, ${better} better, ${worse} worse; ${unpaired} without a pair`,
  )
  const noJudge =
    benchmark.judge === undefined
      ? ['No judge is configured: add `judge` to the block of the benchmark, or run the official script.']
      : []
  return {
    exitCode: 0,
    data: {
      ...facts,
      judge: benchmark.judge?.fingerprint,
      primary: benchmark.primary,
      thinkers,
      differences,
      references: benchmark.references,
    },
    text: [...tables, ...compared, ...noJudge, `Record: ${runDir}`].join('\n\n'),
  }
}

function armReport({ benchmark }: BenchmarkResult, { scores, results, edited, primary }: BenchmarkArm) {
  return { results, edited, ...(scores === undefined ? {} : { ...benchmarkReport(benchmark, scores), primary }) }
}
