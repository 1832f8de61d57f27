import type { SynthesizeResult } from '@dda-thinker/runs'
import { asideText } from './aside-text.ts'
import { formatTable } from './table.ts'

/** What became samples, of which split and category, and what did not. */
export function synthesisText(data: SynthesizeResult): string {
  const rows = Object.entries({ ...data.bySplit, ...data.byCategory }).map(([name, count]) => [name, String(count)])
  const table = formatTable([{ title: 'of' }, { title: 'samples', align: 'right' }], rows)
  return `${data.samples} samples in ${data.file}${asideText(data.setAside, 'set-aside.jsonl')}\n\n${table}`
}
