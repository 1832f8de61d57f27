import { type Sample } from '@dda-thinker/plugin-api'
import type { ContentStore } from '@dda-thinker/store'
import type { CommandSpec } from '../terminal/command.ts'
import { withSession } from '../project/session.ts'
import { formatTable, percent } from '../terminal/table.ts'
import { errors } from '../errors.ts'

export const dataShow: CommandSpec = {
  name: 'data show',
  summary: 'Show one sample: its instruction, pictures, reference and checklist.',
  arguments: [{ name: '[id]', description: 'Id of the sample. Default: the first one.' }],
  examples: [['dda data show train-12', 'where its pictures lie, and what is asked of it']],
  run: (context, [id]) =>
    withSession(context, { only: [] }, async ({ workspace }) => {
      const { findData, readSamples } = await import('@dda-thinker/runs')
      const { file } = await findData(workspace.paths)
      for await (const sample of readSamples(file)) {
        if (id !== undefined && sample.id !== id) continue
        const pictures = sample.images.map((image) => workspace.images.path(image))
        return { exitCode: 0, data: { file, sample, pictures }, text: sampleText(sample, workspace.images) }
      }
      if (id === undefined) throw errors.make('DDA_USAGE_SAMPLE/empty', { file }, { location: file })
      throw errors.make('DDA_USAGE_SAMPLE', { file, id }, { location: file })
    }),
}

function sampleText(sample: Sample, images: ContentStore): string {
  const { difficulty, referenceImage, demonstration, subtask } = sample
  const facts = [
    ['id', sample.id],
    ['split', sample.split],
    ['category', subtask === undefined ? sample.category : `${sample.category} / ${subtask}`],
    ...sample.images.map((image) => ['picture', `${images.path(image)} (${image.width} × ${image.height})`]),
    ['instruction', sample.instruction],
    ...(sample.reference === '' ? [] : [['reference', sample.reference]]),
    ...(referenceImage === undefined ? [] : [['reference picture', images.path(referenceImage)]]),
    ...(demonstration === undefined ? [] : [['demonstration', demonstration]]),
    ...(difficulty === undefined
      ? []
      : [
          [
            'difficulty',
            `${percent(difficulty.solved)} of ${difficulty.rollouts} rollouts solved, reward ${difficulty.mean.toFixed(2)} ± ${difficulty.std.toFixed(2)}`,
          ],
        ]),
    ['made by', sample.provenance.plugin],
  ]
  const items = sample.checklist.map(({ scope, question, expected, weight = 1, critical, aspect = 'change' }) => [
    scope,
    aspect,
    expected,
    `${weight}${critical === true ? ', critical' : ''}`,
    question,
  ])
  const titles = ['scope', 'aspect', 'expected', 'weight', 'question'].map((title) => ({ title }))
  const list = items.length === 0 ? 'No checklist: it can be edited, and not judged.' : formatTable(titles, items)
  return `${formatTable([{ title: '' }, { title: '' }], facts).trimStart()}\n\n${list}`
}
