import type { CommandSpec } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { showProgress } from '../terminal/events.ts'
import { withSession } from '../project/session.ts'
import { synthesisText } from '../terminal/synthesis-text.ts'

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
      return {
        exitCode: interrupt.reason() === undefined ? 0 : exitCode('interrupted'),
        data,
        text: synthesisText(data),
      }
    }),
}
