import type { Benchmark } from '@dda-thinker/plugin-api'
import { publishedTables } from '@dda-thinker/evaluation'
import type { BenchmarkRecord } from '@dda-thinker/runs'
import { causesTable } from './causes-table.ts'
import { benchmarkReport, benchmarkText, shown } from './benchmark-scores.ts'
import { formatTable, percent, signed } from './table.ts'

/** What a benchmark run found, as `--json` prints it. */
export function benchmarkRecordReport(record: BenchmarkRecord) {
  const { name, rules, judge, primary, confidence, thinkers, differences, references } = record
  const arms = Object.entries(thinkers).map(([thinker, { results, edited, causes = [], scores, ...estimates }]) => [
    thinker,
    { results, edited, causes, ...(scores === undefined ? {} : { ...benchmarkReport(record, scores), ...estimates }) },
  ])
  return {
    benchmark: name,
    rules,
    judge,
    primary,
    confidence,
    thinkers: Object.fromEntries(arms) as Readonly<Record<string, unknown>>,
    differences,
    references,
  }
}

/** The same for people: a table a Thinker, how they compare, and published figures. */
export function benchmarkRecordText(record: BenchmarkRecord): string {
  const { primary, confidence, thinkers, differences } = record
  const tables = Object.entries(thinkers).map(([thinker, { scores, edited, results }]) =>
    scores === undefined
      ? `${thinker}: ${edited} pictures in ${results}`
      : `${thinker}\n${benchmarkText(record, scores)}`,
  )
  const estimates = Object.entries(thinkers).flatMap(([thinker, { primary: estimate }]) =>
    estimate === undefined
      ? []
      : [`${thinker}: ${primary} ${shown(estimate.value)} (${shown(estimate.low)} to ${shown(estimate.high)})`],
  )
  const compared = differences.map(
    ({ a, b, count, value, low, high, better, worse, unpaired }) =>
      `${b} − ${a}: ${signed(value)} (${signed(low)} to ${signed(high)}) over ${count} pairs, ${better} better, ${worse} worse; ${unpaired} without a pair`,
  )
  const [scored] = Object.values(thinkers).flatMap(({ scores }) => scores ?? [])
  const overall = scored?.rows[0]
  return [
    ...tables,
    ...(estimates.length === 0
      ? []
      : [[`Intervals (${percent(confidence)}), and paired differences:`, ...estimates, ...compared].join('\n')]),
    ...(overall === undefined ? [] : [publishedText(record, overall.name)]),
    causesTable(Object.fromEntries(Object.entries(thinkers).map(([thinker, { causes = [] }]) => [thinker, causes]))),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** Published figures of one row, with a number for each source; empty where there are none. */
export function publishedText({ references, rules }: Pick<Benchmark, 'references' | 'rules'>, row: string): string {
  const tables = publishedTables(references, rules).filter(({ rows }) => rows.some(({ figures }) => row in figures))
  if (tables.length === 0) return ''
  const names = [
    ...new Set(tables.flatMap(({ rows }) => rows.flatMap(({ figures }) => Object.keys(figures[row] ?? {})))),
  ]
  const lines = tables.flatMap(({ rows }, at) =>
    rows
      .filter(({ figures }) => row in figures)
      .map(({ name, figures }) => [name, ...names.map((figure) => shown(figures[row]?.[figure])), `[${at + 1}]`]),
  )
  const columns = [
    { title: `published, ${row}` },
    ...names.map((title) => ({ title, align: 'right' as const })),
    { title: '' },
  ]
  const sources = tables.map(({ source, judge, rules: theirs, otherRules, conditions }, at) => {
    const told = Object.entries(theirs).map(
      ([rule, value]) => `${rule} ${value}${otherRules.includes(rule) ? ` (here ${rules[rule] ?? 'none'})` : ''}`,
    )
    return `[${at + 1}] ${source}; ${[judge === undefined ? 'judge not said' : `judge ${judge}`, ...told, conditions].join('; ')}`
  })
  return [formatTable(columns, lines), ...sources].join('\n')
}
