import type { CommandSpec } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { showProgress } from '../terminal/events.ts'
import { withSession } from '../project/session.ts'
import { formatTable } from '../terminal/table.ts'

export const curate: CommandSpec = {
  name: 'curate',
  summary: 'Decide which samples to keep and in which order to learn them.',
  details:
    'Runs the curators of the configuration; one may try rollouts of the Thinker to measure how hard a sample is.',
  examples: [['dda curate', 'writes curated.jsonl and the decisions with their reasons beside it']],
  run: (context) =>
    withSession(context, {}, async ({ assembly, workspace, interrupt, progress }) => {
      const { curate } = await import('@dda-thinker/runs')
      const { stop, signal } = interrupt
      const data = await curate(assembly, { workspace, stop, signal }, showProgress(context, progress))
      progress.finish()
      const rows = Object.entries(data.reasons).map(([reason, count]) => [reason, String(count)])
      const table = formatTable([{ title: 'reason' }, { title: 'samples', align: 'right' }], rows)
      return {
        exitCode: interrupt.reason() === undefined ? 0 : exitCode('interrupted'),
        data,
        text: `Kept ${data.kept} samples, dropped ${data.dropped}: ${data.file}${rows.length > 0 ? `\n\n${table}` : ''}`,
      }
    }),
}
