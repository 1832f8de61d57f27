import type { EvalSummary } from '@dda-thinker/evaluation'
import { EDITOR } from '@dda-thinker/plugin-api'
import type { RunInfo } from '@dda-thinker/runs'
import type { CommandSpec } from '../terminal/command.ts'
import { benchmarkRecordReport, benchmarkRecordText } from '../terminal/benchmark-record.ts'
import { causesTable } from '../terminal/causes-table.ts'
import { evalTable } from '../terminal/eval-table.ts'
import { spendingTable } from '../terminal/spending-table.ts'
import { runsDirOf } from '../project/session.ts'
import { formatTable, percent } from '../terminal/table.ts'
import { cutTo } from '../terminal/text-width.ts'

export const runsList: CommandSpec = {
  name: 'runs list',
  summary: 'List the runs of the project, newest first.',
  isDefault: true,
  examples: [
    ['dda runs list', 'id, task, state, progress; of evaluations the Editor and how much each Thinker solved'],
  ],
  async run(context) {
    const { listRuns, readScores } = await import('@dda-thinker/runs')
    const dir = await runsDirOf(context)
    const runs = await listRuns(dir)
    const arms = await Promise.all(
      // One whose scores are broken is listed all the same; `runs show` says what is wrong.
      runs.map(async (run) => armsOf(run, await readScores(run.dir).catch(() => undefined))),
    )
    const rows = runs.map((run, i) => [
      run.name,
      run.manifest.task,
      whyOf(run),
      `${run.status.step}/${run.status.steps}`,
      String(run.manifest.seed),
      cutTo(editorOf(run) ?? '–', 40),
      armsText(arms[i], run),
      run.manifest.created.slice(0, 19).replace('T', ' '),
    ])
    const columns = ['run', 'task', 'state', 'done', 'seed', 'Editor', 'Thinkers, solved', 'begun (UTC)'].map(
      (title) => ({ title }),
    )
    return {
      exitCode: 0,
      data: {
        dir,
        runs: runs.map((run, i) => ({
          name: run.name,
          state: stateOf(run),
          ...(arms[i] === undefined ? {} : { editor: editorOf(run), thinkers: arms[i] }),
          ...pick(run),
        })),
      },
      text: runs.length === 0 ? `No runs in ${dir} yet.` : formatTable(columns, rows),
    }
  },
}

export const runsShow: CommandSpec = {
  name: 'runs show',
  summary: 'Show one run: where it stands, what it was made from, its last figures.',
  arguments: [{ name: '<id>', description: 'Name of the run.' }],
  examples: [['dda runs show train-1a2b3c4d', 'state, fingerprints, last metrics and what it spent']],
  async run(context, [id = '']) {
    const { readBenchmarkRecord, readCauses, readRun, runPath, readMetrics, readRunSpending, readScores } =
      await import('@dda-thinker/runs')
    const { totalSpending } = await import('@dda-thinker/evaluation')
    const run = await readRun(runPath(await runsDirOf(context), id))
    const { manifest, status } = run
    const last =
      manifest.task === 'evaluate' || manifest.task === 'benchmark'
        ? undefined
        : (await readMetrics(run.dir, ({ message }) => context.warn(message))).at(-1)
    const scores = manifest.task === 'evaluate' || manifest.task === 'serve' ? await readScores(run.dir) : undefined
    const benchmark = manifest.task === 'benchmark' ? await readBenchmarkRecord(run.dir) : undefined
    const causes = await readCauses(run)
    const why = causesTable(causes)
    const spending = await readRunSpending(run.dir)
    const facts = [
      ['run', run.name],
      ['folder', run.dir],
      ['task', manifest.task],
      [
        'state',
        `${stateOf(run)}, ${status.step} of ${status.steps}${continuable(run) ? '; the same command continues it' : ''}`,
      ],
      ...(status.error === undefined ? [] : [['error', `${status.error.code}: ${status.error.message}`]]),
      ...(status.error?.next === undefined ? [] : [['next', status.error.next]]),
      ['seed', String(manifest.seed)],
      ['begun', manifest.created],
      ['data', `${manifest.data.samples} samples, sha256 ${manifest.data.sha256.slice(0, 12)}`],
      ...Object.entries(manifest.evaluated ?? {}).map(([thinker, of]) => [thinker, `${of.run}, step ${of.step}`]),
      ...Object.entries(manifest.fingerprints).map(([role, value]) => [role, [value].flat().join(', ')]),
    ]
    const metrics = Object.entries(last?.metrics ?? {}).map(([name, value]) => [
      name,
      String(Number(value.toPrecision(5))),
    ])
    const sections = [
      formatTable([{ title: '' }, { title: '' }], facts).trimStart(),
      ...(metrics.length === 0 ? [] : [formatTable([{ title: `step ${last?.step}` }, { title: 'value' }], metrics)]),
      ...(scores === undefined ? [] : [evalTable(scores)]),
      ...(benchmark === undefined ? [] : [benchmarkRecordText(benchmark)]),
      ...(why === '' || (scores ?? benchmark) !== undefined ? [] : [why]),
      ...(spending.rows.length === 0 ? [] : [spendingTable(spending, totalSpending(spending.rows))]),
    ]
    return {
      exitCode: 0,
      data: {
        name: run.name,
        dir: run.dir,
        state: stateOf(run),
        ...pick(run),
        last,
        scores,
        ...(benchmark === undefined ? {} : { benchmark: benchmarkRecordReport(benchmark) }),
        causes,
        spending,
      },
      text: sections.join('\n\n'),
    }
  },
}

/** What is known of each Thinker of an evaluation: the fraction that it solved, `null` until there are scores. */
type Arms = Readonly<Record<string, number | null>>

function armsOf({ manifest }: RunInfo, scores: Readonly<Record<string, EvalSummary>> | undefined): Arms | undefined {
  if (manifest.task !== 'evaluate' && manifest.task !== 'benchmark') return undefined
  const { thinkers } = manifest.options
  const names = Array.isArray(thinkers) ? thinkers.filter((name) => typeof name === 'string') : []
  return Object.fromEntries(
    [...new Set([...names, ...Object.keys(scores ?? {})])].map((name) => [name, scores?.[name]?.solved ?? null]),
  )
}

/** `base 31 %, trained of train-1a2b3c4d 88 %`. */
function armsText(arms: Arms = {}, { manifest }: RunInfo): string {
  const each = Object.entries(arms).map(([name, solved]) => {
    const from = manifest.evaluated?.[name]?.run
    return [name, ...(from === undefined ? [] : ['of', from]), ...(solved === null ? [] : [percent(solved)])].join(' ')
  })
  return each.length === 0 ? '–' : each.join(', ')
}

/** Fingerprint of the Editor, where one has to do with the run. */
function editorOf({ manifest }: RunInfo): string | undefined {
  const fingerprint = manifest.fingerprints[EDITOR.id]
  return fingerprint === undefined ? undefined : [fingerprint].flat().join(', ')
}

/** A run that says `running` while no process works on it was killed: it can be continued. */
function stateOf({ status, pid }: RunInfo): string {
  return status.state === 'running' && pid === undefined ? 'killed' : status.state
}

/** State and the code of the error behind it, where there is one. */
function whyOf(run: RunInfo): string {
  const { error } = run.status
  return error === undefined ? stateOf(run) : `${stateOf(run)}: ${error.code}`
}

/** Whatever ended it: only a finished run is at its end, and one that somebody works on needs nobody else. */
function continuable({ status, pid }: RunInfo): boolean {
  return status.state !== 'finished' && pid === undefined
}

function pick({ manifest, status }: RunInfo): Readonly<Record<string, unknown>> {
  const { task, seed, created, options, plugins, fingerprints, data } = manifest
  const { step, steps, updatedAt, error } = status
  return { task, seed, created, options, plugins, fingerprints, data, step, steps, updatedAt, error }
}
