import { basename, join, resolve } from 'node:path'
import { removeLeftovers } from '@dda-thinker/plugin-api'
import type { RunInfo } from '@dda-thinker/runs'
import { errors } from '../errors.ts'
import { findEvaluation, findReported } from '../project/records.ts'
import { benchmarkPage, evaluationPage } from '../project/report-pages.ts'
import { type CommandSpec, number, text } from '../terminal/command.ts'

export const report: CommandSpec = {
  name: 'report',
  summary: 'Write report.html, one self-contained page, and summary.json.',
  details:
    'Shows an evaluation and the training behind it: figures with intervals, curves, pictures, what was learned, what fails. Of a\n' +
    'benchmark: its official table, Thinkers compared item by item, published figures with their sources.',
  arguments: [
    {
      name: '[record...]',
      description:
        'Which evaluation, benchmark or run of `dda serve`, and further evaluations for the table. Default: the newest of the first two.',
    },
  ],
  options: [
    {
      flags: '--run <id>',
      description: 'The training run behind it. Default: the newest before it. Evaluations only.',
    },
    { flags: '-o, --out <dir>', description: 'Where to. Default: report/ in the project.' },
    { flags: '--since <time>', description: 'Count set-up and total seconds from this ISO 8601 time.' },
    { flags: '--gallery <n>', description: 'Samples to show.', type: 'integer', default: '8' },
  ],
  examples: [
    ['dda report', 'the newest evaluation or benchmark, into report/'],
    ['dda report benchmark-1a2b3c4d --out report/rise', 'a benchmark'],
    ['dda report evaluate-1a2b3c4d --out /tmp/report', 'a certain one, elsewhere'],
    ['dda report evaluate-1a2b3c4d evaluate-5e6f7a8b', 'several seeds or Editors: their mean and spread in a table'],
  ],
  async run(context, [name, ...further], options) {
    const since = text(options, 'since')
    const from = since === undefined ? undefined : new Date(since)
    if (from !== undefined && Number.isNaN(from.getTime())) {
      throw errors.make('DDA_USAGE/since', { since: String(since) })
    }
    const { loadConfig } = await import('@dda-thinker/config')
    const { openWorkspace } = await import('@dda-thinker/runs')
    const { writeFileAtomic } = await import('@dda-thinker/store')
    const { config, dir } = await loadConfig({
      cwd: context.cwd,
      file: context.config,
      set: context.set,
      check: [],
    })
    const workspace = await openWorkspace(config, dir)
    try {
      const { runsDir } = workspace.paths
      const reported = await findReported(runsDir, name)
      const shown = number(options, 'gallery') ?? 8
      const out =
        text(options, 'out') === undefined ? join(dir, 'report') : resolve(context.cwd, text(options, 'out') ?? '')
      const others: RunInfo[] = []
      for (const other of further) others.push(await findEvaluation(runsDir, other))
      const page =
        reported.manifest.task === 'benchmark'
          ? await benchmarkPage(workspace, reported, shown, out)
          : await evaluationPage(workspace, reported, {
              shown,
              since: from,
              run: text(options, 'run'),
              others,
              folder: out,
            })
      const files = { report: join(out, 'report.html'), summary: join(out, 'summary.json') }
      for (const file of Object.values(files)) await removeLeftovers(out, basename(file))
      await writeFileAtomic(files.report, page.html)
      await writeFileAtomic(files.summary, `${JSON.stringify(page.summary, undefined, 2)}\n`)
      return {
        exitCode: 0,
        data: { ...page.about, ...files, ...page.summary },
        text: `${page.text}\n\n${files.report}\n${files.summary}`,
      }
    } finally {
      await workspace.close()
    }
  },
}
