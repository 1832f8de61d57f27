import type { Benchmark, BenchmarkProblem, BenchmarkRow, BenchmarkScores } from '@dda-thinker/plugin-api'
import { type BenchmarkCoverage, benchmarkCoverage } from '@dda-thinker/evaluation'
import { formatTable } from './table.ts'

/** Scores as `--json` prints them: rows by kind and official name, and what is in no mean. */
export interface BenchmarkReport extends BenchmarkCoverage {
  readonly benchmark: string
  readonly rules: Readonly<Record<string, string>>
  readonly overall: Row
  readonly categories: Readonly<Record<string, Row>>
  readonly dimensions: Readonly<Record<string, Row>>
  readonly subtasks: Readonly<Record<string, Row>>
  readonly problems: readonly BenchmarkProblem[]
}

/** Figures by name beside how many items they are about and how many of them were measured. */
type Row = Readonly<Record<string, number | null>>

/** The benchmark, or its record. */
type Scored = Pick<Benchmark, 'name' | 'rules'>

export function benchmarkReport({ name, rules }: Scored, scores: BenchmarkScores): BenchmarkReport {
  const { rows, problems } = scores
  const ofKind = (kind: BenchmarkRow['kind']) =>
    Object.fromEntries(rows.filter((row) => row.kind === kind).map((row) => [row.name, plain(row)]))
  const [overall] = rows
  return {
    benchmark: name,
    rules,
    ...benchmarkCoverage(scores),
    overall: overall === undefined ? {} : plain(overall),
    categories: ofKind('category'),
    dimensions: ofKind('dimension'),
    subtasks: ofKind('subtask'),
    problems,
  }
}

function plain({ n, measured, figures }: BenchmarkRow): Row {
  return { n, measured, ...figures }
}

/** The same for people: a table of all rows, and a line on what is in no mean. */
export function benchmarkText(benchmark: Scored, scores: BenchmarkScores): string {
  const { n, coverage, unparsable, missing, problems } = benchmarkReport(benchmark, scores)
  const names = [...new Set(scores.rows.flatMap(({ figures }) => Object.keys(figures)))]
  const table = formatTable(
    [{ title: benchmark.name }, ...['n', 'measured', ...names].map((title) => ({ title, align: 'right' as const }))],
    scores.rows
      .filter((row) => row.n > 0)
      .map((row) => [row.name, String(row.n), String(row.measured), ...names.map((name) => shown(row.figures[name]))]),
  )
  const rules = Object.entries(benchmark.rules).map(([key, value]) => `${key} ${value}`)
  const first = problems.slice(0, 5).map(({ item, question, why }) => `  ${item} ${question}: ${why}`)
  const more = problems.length > first.length ? [`  and ${problems.length - first.length} more (--json has all)`] : []
  return [
    table,
    '',
    `Rules: ${rules.join(', ')}.`,
    `All answers usable: ${(coverage * 100).toFixed(1)} % of ${n} items; unparsable in ${unparsable}, missing in ${missing}.`,
    ...first,
    ...more,
  ].join('\n')
}

export function shown(value: number | null | undefined): string {
  return value === undefined ? '' : value === null ? '–' : value.toFixed(4)
}
