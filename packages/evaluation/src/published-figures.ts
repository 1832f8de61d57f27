import type { BenchmarkReference } from '@dda-thinker/plugin-api'

/** Published figures of one source, made under the same conditions. */
export interface PublishedTable extends Omit<BenchmarkReference, 'name' | 'figures'> {
  /** Rules in which it differs from those that were scored by here; a rule that its source does not tell is none of them. */
  readonly otherRules: readonly string[]
  readonly rows: readonly Pick<BenchmarkReference, 'name' | 'figures'>[]
}

/** In the order in which the benchmark gives them. */
export function publishedTables(
  references: readonly BenchmarkReference[],
  rules: Readonly<Record<string, string>>,
): readonly PublishedTable[] {
  const tables = new Map<string, Omit<PublishedTable, 'rows'> & { readonly rows: PublishedTable['rows'][number][] }>()
  for (const { name, figures, ...origin } of references) {
    const key = JSON.stringify(origin)
    const otherRules = Object.keys(origin.rules).filter((rule) => origin.rules[rule] !== rules[rule])
    const table = tables.get(key) ?? { ...origin, otherRules, rows: [] }
    table.rows.push({ name, figures })
    tables.set(key, table)
  }
  return [...tables.values()]
}
