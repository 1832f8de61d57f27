import type { CommandSpec } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { showProgress } from '../terminal/events.ts'
import { withSession } from '../project/session.ts'
import { formatTable } from '../terminal/table.ts'

export const synthesize: CommandSpec = {
  name: 'synthesize',
  summary: 'Make samples: source images, instructions and checklists.',
  details: 'Runs the synthesizers of the configuration. The same seed gives the same samples.',
  examples: [
    ['dda synthesize', 'as many of each split as `synthesize.count` says'],
    ['dda synthesize --set synthesize.count.train=200', 'fewer'],
  ],
  run: (context) =>
    withSession(context, {}, async ({ assembly, workspace, interrupt, progress }) => {
      const { synthesize } = await import('@dda-thinker/runs')
      const { stop, signal } = interrupt
      const data = await synthesize(assembly, { workspace, stop, signal }, showProgress(context, progress))
      progress.finish()
      const rows = Object.entries({ ...data.bySplit, ...data.byCategory }).map(([name, count]) => [name, String(count)])
      return {
        exitCode: interrupt.reason() === undefined ? 0 : exitCode('interrupted'),
        data,
        text: `${data.samples} samples in ${data.file}${asideText(data.setAside)}\n\n${formatTable([{ title: 'of' }, { title: 'samples', align: 'right' }], rows)}`,
      }
    }),
}

/** What became no sample, most frequent reason first. */
function asideText(reasons: Readonly<Record<string, number>>): string {
  const rows = Object.entries(reasons).toSorted(([, a], [, b]) => b - a)
  if (rows.length === 0) return ''
  const total = rows.reduce((sum, [, count]) => sum + count, 0)
  const lines = rows.map(([reason, count]) => `  ${count}: ${reason}`)
  return [`\n${total} rows set aside, each with its place in set-aside.jsonl beside it:`, ...lines].join('\n')
}
