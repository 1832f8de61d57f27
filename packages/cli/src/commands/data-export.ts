import { resolve } from 'node:path'
import { readWhole, type Split, withoutMark } from '@dda-thinker/plugin-api'
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
    {
      flags: '--ids <file>',
      description: 'Only the samples that this file names, an id a line, as `dda view` saves them.',
    },
    { flags: '--all', description: 'All samples as they were synthesised, not the curated ones.' },
  ],
  examples: [
    ['dda data export samples.parquet', 'with pictures inside'],
    ['dda data export chosen.jsonl --ids chosen.txt', 'the samples that were chosen in `dda view`'],
    ['dda data export train.jsonl --split train', 'pictures in train-pictures/'],
  ],
  run: (context, [file = ''], options) =>
    withSession(context, { only: [] }, async ({ workspace, interrupt }) => {
      const { exportSamples, findData } = await import('@dda-thinker/runs')
      const { paths, images } = workspace
      const from = flag(options, 'all') ? paths.samples : (await findData(paths)).file
      const split = splitOf(text(options, 'split'))
      const named = text(options, 'ids')
      const ids = named === undefined ? undefined : await idsOf(resolve(context.cwd, named))
      const data = await exportSamples({
        from,
        to: resolve(context.cwd, file),
        images,
        ...(split === undefined ? {} : { split }),
        ...(ids === undefined ? {} : { ids }),
        stopped: () => interrupt.stop.aborted,
      })
      return { exitCode: 0, data: { ...data, from }, text: `${data.samples} samples in ${data.file}` }
    }),
}

function splitOf(name: string | undefined): Split | undefined {
  if (name === undefined || name === 'train' || name === 'held-out') return name
  throw errors.make('DDA_USAGE_OPTION/split', { name })
}

/** The ids of a file, an id a line. @throws DdaError `DDA_USAGE_OPTION` */
async function idsOf(file: string): Promise<ReadonlySet<string>> {
  let words: string
  try {
    words = withoutMark(String(await readWhole(file)))
  } catch (cause) {
    throw errors.make('DDA_USAGE_OPTION/ids', { file, why: (cause as Error).message }, { cause, location: file })
  }
  const ids = new Set(words.split(/\r?\n/).filter((line) => line.trim() !== ''))
  if (ids.size === 0) throw errors.make('DDA_USAGE_OPTION/ids', { file, why: 'it is empty' }, { location: file })
  return ids
}
