import type { CommandSpec } from '../terminal/command.ts'
import { exitCode } from '../terminal/exit-codes.ts'
import { showProgress } from '../terminal/events.ts'
import { asideText } from '../terminal/aside-text.ts'
import { withSession } from '../project/session.ts'

export const checklist: CommandSpec = {
  name: 'checklist',
  summary: 'Write reference and checklist for samples that have no checklist.',
  details:
    'Asks the first synthesizer of the configuration that can, such as vlm. What was answered is kept: begun again, the command goes on where it stopped. Samples that have a checklist stay as they are.',
  examples: [['dda checklist', 'after `dda synthesize` read in your own data']],
  run: (context) =>
    withSession(context, {}, async ({ assembly, workspace, interrupt, progress }) => {
      const { annotate } = await import('@dda-thinker/runs')
      const { stop, signal } = interrupt
      const data = await annotate(assembly, { workspace, stop, signal }, showProgress(context, progress))
      progress.finish()
      const { samples, annotated, without, file, setAside } = data
      return {
        exitCode: interrupt.reason() === undefined ? 0 : exitCode('interrupted'),
        data,
        text: `${annotated} of ${samples} samples got a checklist, ${without} have none: ${file}${asideText(setAside, 'checklist-set-aside.jsonl')}`,
      }
    }),
}
