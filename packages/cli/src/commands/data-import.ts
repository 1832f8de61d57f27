import type { CommandSpec } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { ROW_OPTIONS, rowSettings } from '../project/imported-rows.ts'
import { withSession } from '../project/session.ts'
import { synthesisText } from '../terminal/synthesis-text.ts'

/** Samples between two status lines. */
const TELL_EVERY = 1000

export const dataImport: CommandSpec = {
  name: 'data import',
  summary: 'Make the samples of the project from files and folders of rows.',
  details:
    'Reads JSON lines, CSV, Parquet and folders of pictures through synthesizer-dataset, whatever synthesizers the configuration names, and replaces the samples. Rows that cannot be samples are set aside with their reason.',
  arguments: [{ name: '<files...>', description: 'Files or folders of rows.' }],
  options: ROW_OPTIONS,
  examples: [
    ['dda data import rows.jsonl', 'columns by their usual names'],
    ['dda data import a.parquet b.parquet --column instruction=prompt --held-out 0.2', 'a column of another name'],
  ],
  run: (context, files, options) =>
    withSession(
      context,
      { set: rowSettings(context.cwd, files, options), only: ['synthesizer'] },
      async ({ assembly, workspace, interrupt, progress }) => {
        const { synthesize } = await import('@dda-thinker/runs')
        const { stop, signal } = interrupt
        const data = await synthesize(
          assembly,
          { workspace, stop, signal },
          {
            onSample: ({ done }) => {
              if (done % TELL_EVERY === 0) progress.line(`${done} samples`)
            },
            onWarning: (message) => context.warn(message),
          },
        )
        return {
          exitCode: interrupt.reason() === undefined ? 0 : exitCode('interrupted'),
          data,
          text: synthesisText(data),
        }
      },
    ),
}
