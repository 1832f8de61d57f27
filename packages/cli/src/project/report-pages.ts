import type { RunInfo, Workspace } from '@dda-thinker/runs'
import { errors } from '../errors.ts'
import { shown as figure } from '../terminal/benchmark-scores.ts'
import { withInterval } from '../terminal/table.ts'
import { padEnd } from '../terminal/text-width.ts'
import { latestTrainingRun } from './thinkers.ts'

export interface ReportPage {
  readonly html: string
  /** What summary.json holds. */
  readonly summary: object
  /** The records that it is about. */
  readonly about: Readonly<Record<string, string | null>>
  /** Its headline, for the terminal. */
  readonly text: string
}

export interface EvaluationPageOptions {
  /** Most samples in the gallery. */
  readonly shown: number
  readonly since: Date | undefined
  /** The training run behind the evaluation. Default: the one it names, or the newest before it. */
  readonly run: string | undefined
  /** Further evaluations, for the table of Editors and seeds. */
  readonly others: readonly RunInfo[]
  /** Folder that the page is for: originals are linked from there. */
  readonly folder: string
}

export async function evaluationPage(
  workspace: Workspace,
  evaluation: RunInfo,
  { shown, since, run = evaluatedRun(evaluation), others, folder }: EvaluationPageOptions,
): Promise<ReportPage> {
  const { readRun, runPath } = await import('@dda-thinker/runs')
  const { collectReport, originalLinks, renderReport, pictureReader, summariseReport } =
    await import('@dda-thinker/report')
  const { runsDir } = workspace.paths
  // Of a service none is behind the plans, unless told.
  const newest = evaluation.manifest.task === 'serve' ? undefined : await latestTrainingRun(runsDir, evaluation)
  const training = run === undefined ? newest : await readRun(runPath(runsDir, run))
  const input = await collectReport({ workspace, evaluation, others, training, since })
  const summary = summariseReport(input)
  const lines = input.arms.map(({ id, label }) => {
    const { solved, low, high } = summary.heldOut[id] ?? {}
    return `  ${padEnd(label, 12)} ${withInterval(solved ?? undefined, low ?? undefined, high ?? undefined)}`
  })
  return {
    html: await renderReport(input, {
      image: pictureReader(workspace),
      link: originalLinks(workspace, folder),
      gallery: { shown, failing: Math.ceil(shown / 2) },
    }),
    summary,
    about: { evaluation: evaluation.name, training: training?.name ?? null },
    text: `Solved, ${input.samples.length} ${input.split} samples:\n${lines.join('\n')}`,
  }
}

/** @throws DdaError `DDA_USAGE_RECORD` where the benchmark has not come to its figures */
export async function benchmarkPage(
  workspace: Workspace,
  run: RunInfo,
  shown: number,
  folder: string,
): Promise<ReportPage> {
  const { readBenchmarkRecord } = await import('@dda-thinker/runs')
  const { collectBenchmark, originalLinks, pictureReader, renderBenchmark, summariseBenchmark } =
    await import('@dda-thinker/report')
  const record = await readBenchmarkRecord(run.dir)
  if (record === undefined) throw errors.make('DDA_USAGE_RECORD/unfinished-benchmark', { name: run.name })
  const input = await collectBenchmark(run, record)
  const lines = Object.entries(record.thinkers).map(([thinker, { primary }]) => {
    const { value, low, high } = primary ?? {}
    return `  ${padEnd(thinker, 12)} ${value === undefined ? '–' : `${figure(value)} (${figure(low)} to ${figure(high)})`}`
  })
  return {
    html: await renderBenchmark(input, {
      image: pictureReader(workspace),
      link: originalLinks(workspace, folder),
      gallery: { better: shown, worse: Math.ceil(shown / 2) },
    }),
    summary: summariseBenchmark(input),
    about: { run: run.name },
    text: `${record.name}, ${record.primary}, ${record.samples.length} items:\n${lines.join('\n')}`,
  }
}

/** The run that an evaluation names itself, as `run:<id>`. */
function evaluatedRun({ manifest }: RunInfo): string | undefined {
  const known = Object.values(manifest.evaluated ?? {}).at(-1)
  if (known !== undefined) return known.run
  // Records of before.
  const { thinkers } = manifest.options
  const names = Array.isArray(thinkers) ? thinkers.filter((name) => typeof name === 'string') : []
  return names.findLast((name) => name.startsWith('run:'))?.slice('run:'.length)
}
