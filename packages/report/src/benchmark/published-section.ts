import { publishedTables } from '@dda-thinker/evaluation'
import { html, type Markup } from '../html.ts'
import { withoutSchemes } from '../without-schemes.ts'
import { figure, table } from './benchmark-figures.ts'
import type { BenchmarkReportInput } from './benchmark-input.ts'

/** Published figures by source, with the run's own for the same rows; undefined where the benchmark knows none. */
export function publishedSection({ record }: BenchmarkReportInput): Markup | undefined {
  const tables = publishedTables(record.references, record.rules)
  if (tables.length === 0) return undefined
  return html`<section id="published">
    <h2>Published figures</h2>
    <p class="lede">
      For orientation, each with its source. They were made with other prompts and other pictures, so none of them is a
      measurement of this run. Rows of this run stand on top of each table.
    </p>
    ${tables.map(({ source, judge, rules, otherRules, conditions, rows }) => {
      const told = Object.entries(rules).map(([rule, value]) =>
        otherRules.includes(rule)
          ? html`<b>${rule} ${value}, here ${record.rules[rule] ?? 'none'}</b>; `
          : `${rule} ${value}; `,
      )
      const columns = columnsOf(rows)
      return html`<h3>${withoutSchemes(source)}</h3>
        <p class="meta">Judge: ${judge ?? 'not said'}; ${told}${conditions}.</p>
        ${table(
          ['', ...columns.map(({ row, name }) => `${row} ${name}`)],
          [...ownRows(record, columns), ...rows.map(({ name, figures }) => cells(name, figures, columns))],
        )}`
    })}
  </section>`
}

interface Column {
  readonly row: string
  readonly name: string
}

type Figures = Readonly<Record<string, Readonly<Record<string, number | null>>>>

function columnsOf(rows: readonly { readonly figures: Figures }[]): readonly Column[] {
  const found = new Map<string, Column>()
  for (const { figures } of rows) {
    for (const [row, values] of Object.entries(figures)) {
      for (const name of Object.keys(values)) found.set(`${row}\n${name}`, { row, name })
    }
  }
  return [...found.values()]
}

function cells(name: string, figures: Figures, columns: readonly Column[]): readonly string[] {
  return [
    name,
    ...columns.map((column) => {
      const value = figures[column.row]?.[column.name]
      return value === undefined ? '' : figure(value)
    }),
  ]
}

function ownRows({ thinkers }: BenchmarkReportInput['record'], columns: readonly Column[]) {
  return Object.entries(thinkers).flatMap(([name, { scores }]) => {
    if (scores === undefined) return []
    const figures = Object.fromEntries(scores.rows.map((row) => [row.name, row.figures]))
    return [cells(`this run: ${name}`, figures, columns)]
  })
}
