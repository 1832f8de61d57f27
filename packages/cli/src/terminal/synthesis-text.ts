import type { SynthesizeResult } from '@dda-thinker/runs'
import { formatTable } from './table.ts'

/** What became samples, of which split and category, and what did not. */
export function synthesisText(data: SynthesizeResult): string {
  const rows = Object.entries({ ...data.bySplit, ...data.byCategory }).map(([name, count]) => [name, String(count)])
  const table = formatTable([{ title: 'of' }, { title: 'samples', align: 'right' }], rows)
  return `${data.samples} samples in ${data.file}${asideText(data.setAside)}\n\n${table}`
}

/** What became no sample, most frequent reason first. */
function asideText(reasons: Readonly<Record<string, number>>): string {
  const rows = Object.entries(reasons).toSorted(([, a], [, b]) => b - a)
  if (rows.length === 0) return ''
  const total = rows.reduce((sum, [, count]) => sum + count, 0)
  const lines = rows.map(([reason, count]) => `  ${count}: ${reason}`)
  return [`\n${total} rows set aside, each with its place in set-aside.jsonl beside it:`, ...lines].join('\n')
}
