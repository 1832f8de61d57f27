import type { Funnel } from '@dda-thinker/runs'
import type { CommandSpec } from '../terminal/command.ts'
import { withSession } from '../project/session.ts'
import { formatTable } from '../terminal/table.ts'

export const dataFunnel: CommandSpec = {
  name: 'data funnel',
  summary: 'Show what became of rows and samples, stage by stage, with reasons and counts.',
  details: 'Reads the records of the last synthesis or import and of the last curation; nothing is computed anew.',
  examples: [['dda data funnel', 'rows in, set aside, dropped by each curator, kept']],
  run: (context) =>
    withSession(context, { only: [] }, async ({ workspace }) => {
      const { readFunnel } = await import('@dda-thinker/runs')
      const data = await readFunnel(workspace.paths)
      return { exitCode: 0, data, text: funnelText(data) }
    }),
}

function funnelText({ stages, bySplit, byCategory, findings }: Funnel): string {
  const rows = stages.flatMap(({ stage, in: given, out, dropped }) => [
    [stage, String(given), String(out), ''],
    ...Object.entries(dropped)
      .toSorted(([, a], [, b]) => b - a)
      .map(([reason, count]) => ['', '', `−${count}`, reason]),
  ])
  const columns = [
    { title: 'stage' },
    { title: 'in', align: 'right' },
    { title: 'out', align: 'right' },
    { title: 'dropped because' },
  ] as const
  const counts = (title: string, of: Readonly<Record<string, number>>): readonly string[] => {
    const lines = Object.entries(of).map(([name, count]) => [name, String(count)])
    return lines.length === 0 ? [] : [formatTable([{ title }, { title: 'count', align: 'right' }], lines)]
  }
  return [
    formatTable(columns, rows),
    ...counts('kept, of', { ...bySplit, ...byCategory }),
    ...counts('checklist items', findings),
  ].join('\n\n')
}
