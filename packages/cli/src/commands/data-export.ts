import { resolve } from 'node:path'
import { type Split } from '@dda-thinker/plugin-api'
import type { CommandSpec } from '../terminal/command.ts'
import { flag, text } from '../terminal/command.ts'
import { withSession } from '../project/session.ts'
import { errors } from '../errors.ts'

export const dataExport: CommandSpec = {
  name: 'data export',
  summary: 'Write the samples and their pictures to one file that other tools open.',
  details:
    'Parquet holds the pictures, and `datasets` and DuckDB know its picture columns; JSON lines have them in a folder beside the file. Curated samples where there are some, in curriculum order.',
  arguments: [{ name: '<file>', description: 'File to write; .parquet or .jsonl.' }],
  options: [
    { flags: '--split <name>', description: 'Only one split.', choices: ['train', 'held-out'] },
    { flags: '--all', description: 'All samples as they were synthesised, not the curated ones.' },
  ],
  examples: [
    ['dda data export samples.parquet', 'with pictures inside'],
    ['dda data export train.jsonl --split train', 'pictures in train-pictures/'],
  ],
  run: (context, [file = ''], options) =>
    withSession(context, { only: [] }, async ({ workspace, interrupt }) => {
      const { exportSamples, findData } = await import('@dda-thinker/runs')
      const { paths, images } = workspace
      const from = flag(options, 'all') ? paths.samples : (await findData(paths)).file
      const split = splitOf(text(options, 'split'))
      const data = await exportSamples({
        from,
        to: resolve(context.cwd, file),
        images,
        ...(split === undefined ? {} : { split }),
        stopped: () => interrupt.stop.aborted,
      })
      return { exitCode: 0, data: { ...data, from }, text: `${data.samples} samples in ${data.file}` }
    }),
}

function splitOf(name: string | undefined): Split | undefined {
  if (name === undefined || name === 'train' || name === 'held-out') return name
  throw errors.make('DDA_USAGE_OPTION/split', { name })
}
