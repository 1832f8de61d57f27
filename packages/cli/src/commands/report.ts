import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { redact } from '@dda-thinker/plugin-api'
import type { RunInfo } from '@dda-thinker/runs'
import { errors } from '../errors.ts'
import { type CommandSpec, number, text } from '../terminal/command.ts'
import { findEvaluation } from '../project/records.ts'
import { withInterval } from '../terminal/table.ts'
import { latestTrainingRun } from '../project/thinkers.ts'

export const report: CommandSpec = {
  name: 'report',
  summary: 'Write report.html, one self-contained page, and summary.json.',
  details:
    'Shows an evaluation and the training behind it: figures with intervals, curves, pictures, what was learned, what fails.',
  arguments: [{ name: '[evaluation]', description: 'Which evaluation. Default: the newest.' }],
  options: [
    { flags: '--run <id>', description: 'The training run behind it. Default: the newest before it.' },
    { flags: '-o, --out <dir>', description: 'Where to. Default: report/ in the project.' },
    { flags: '--since <time>', description: 'Count set-up and total seconds from this ISO 8601 time.' },
    { flags: '--gallery <n>', description: 'Samples to show.', type: 'integer', default: '12' },
  ],
  examples: [
    ['dda report', 'the newest evaluation, into report/'],
    ['dda report evaluate-1a2b3c4d --out /tmp/report', 'a certain one, elsewhere'],
  ],
  async run(context, [name], options) {
    const since = text(options, 'since')
    const from = since === undefined ? undefined : new Date(since)
    if (from !== undefined && Number.isNaN(from.getTime())) {
      throw errors.make('DDA_USAGE/since', { since: String(since) })
    }
    const { loadConfig } = await import('@dda-thinker/config')
    const { openWorkspace, readRun } = await import('@dda-thinker/runs')
    const { collectReport, renderReport, pictureReader, summariseReport } = await import('@dda-thinker/report')
    const { config, dir } = await loadConfig({
      cwd: context.cwd,
      file: context.config,
      set: context.set,
      check: [],
    })
    const workspace = await openWorkspace(config, dir)
    try {
      const { runsDir } = workspace.paths
      const evaluation = await findEvaluation(runsDir, name)
      const run = text(options, 'run') ?? evaluatedRun(evaluation)
      const training =
        run === undefined
          ? await latestTrainingRun(runsDir, evaluation.manifest.created)
          : await readRun(join(runsDir, run))
      const input = await collectReport({ workspace, evaluation, training, since: from })
      const shown = number(options, 'gallery') ?? 12
      const page = await renderReport(input, {
        image: pictureReader(workspace),
        gallery: { shown, failing: Math.ceil(shown / 2) },
      })
      const summary = summariseReport(input)
      const out =
        text(options, 'out') === undefined ? join(dir, 'report') : resolve(context.cwd, text(options, 'out') ?? '')
      await mkdir(out, { recursive: true })
      const files = { report: join(out, 'report.html'), summary: join(out, 'summary.json') }
      await writeFile(files.report, redact(page))
      await writeFile(files.summary, redact(`${JSON.stringify(summary, undefined, 2)}\n`))
      const lines = input.arms.map(({ id, label }) => {
        const { solved, low, high } = summary.heldOut[id] ?? {}
        return `  ${label.padEnd(12)} ${withInterval(solved ?? undefined, low ?? undefined, high ?? undefined)}`
      })
      return {
        exitCode: 0,
        data: { evaluation: evaluation.name, training: training?.name ?? null, ...files, ...summary },
        text: `Solved, ${input.samples.length} ${input.split} samples:\n${lines.join('\n')}\n\n${files.report}\n${files.summary}`,
      }
    } finally {
      await workspace.close()
    }
  },
}

/** The run that an evaluation names itself, as `run:<id>`. */
function evaluatedRun({ manifest }: RunInfo): string | undefined {
  const { thinkers } = manifest.options
  const names = Array.isArray(thinkers) ? thinkers.filter((name) => typeof name === 'string') : []
  return names.findLast((name) => name.startsWith('run:'))?.slice('run:'.length)
}
