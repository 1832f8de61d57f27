import { resolve } from 'node:path'
import type { RunInfo } from '@dda-thinker/runs'
import { errors } from '../errors.ts'
import { type CommandSpec, flag, list, number, text } from '../terminal/command.ts'
import { formatTable } from '../terminal/table.ts'

export const query: CommandSpec = {
  name: 'query',
  summary: 'Ask the runs of the project in SQL, or write them as Parquet files.',
  details:
    'Tables: runs, samples, rollouts, items, steps, metrics, spending; --tables lists their columns. Queries are SELECTs in DuckDB’s SQL\n' +
    'over a copy that is made for them: they can read nothing else, and write nothing.',
  arguments: [{ name: '[sql]', description: 'The query.' }],
  options: [
    { flags: '-r, --run <id>', description: 'Only this run; repeatable. Default: all.', repeatable: true },
    { flags: '--limit <n>', description: 'Rows shown at most.', type: 'integer', default: '100' },
    { flags: '--max-seconds <n>', description: 'Give a query up after this long.', type: 'number', default: '600' },
    { flags: '--tables', description: 'List tables and columns.' },
    { flags: '--export <dir>', description: 'Write every table as Parquet into this folder.' },
  ],
  examples: [
    ['dda query "select run, count(*), avg(reward) from rollouts group by run"', 'one row a run'],
    [
      'dda query "select question, avg(passed::int) from items group by 1 order by 2 limit 10"',
      'the hardest questions',
    ],
    ['dda query --export tables', 'tables/rollouts.parquet and the others, for pandas, DuckDB or datasets'],
  ],
  async run(context, [sql], options) {
    const { exportTables, RunTables, TABLES } = await import('@dda-thinker/run-tables')
    if (flag(options, 'tables')) {
      const rows = TABLES.flatMap(({ name, columns }) =>
        columns.map((column) => [`${name}.${column.name}`, column.type, column.meaning]),
      )
      const columns = ['column', 'type', 'meaning'].map((title) => ({ title }))
      return { exitCode: 0, data: { tables: TABLES }, text: formatTable(columns, rows) }
    }
    const folder = text(options, 'export')
    if ((sql === undefined) === (folder === undefined)) throw errors.make('DDA_USAGE/query')
    const { loadConfig } = await import('@dda-thinker/config')
    const { listRuns, projectPaths, readRun, runFile, runPath } = await import('@dda-thinker/runs')
    const { config, dir } = await loadConfig({ cwd: context.cwd, file: context.config, set: context.set, check: [] })
    const paths = projectPaths(config, dir)
    const named = list(options, 'run')
    const runs: RunInfo[] = []
    for (const name of named) runs.push(await readRun(runPath(paths.runsDir, name)))
    if (named.length === 0) runs.push(...(await listRuns(paths.runsDir)))
    const source = {
      samples: [paths.curated, paths.samples, ...runs.map((run) => runFile(run.dir, 'samples'))],
      warn: (message: string) => context.warn(message),
    }
    if (folder !== undefined) {
      const files = await exportTables(runs, resolve(context.cwd, folder), source)
      return { exitCode: 0, data: { files }, text: files.join('\n') }
    }
    const tables = await RunTables.open(runs, source)
    try {
      const { columns, rows, truncated } = await tables.query(
        sql ?? '',
        number(options, 'limit') ?? 100,
        number(options, 'maxSeconds') ?? 600,
      )
      const shown = rows.map((row) => row.map(cell))
      const numeric = (type: string): boolean => /INT|DOUBLE|FLOAT|DECIMAL/.test(type)
      const titles = columns.map(({ name, type }) => ({
        title: name,
        ...(numeric(type) && { align: 'right' as const }),
      }))
      return {
        exitCode: 0,
        data: { columns, rows, truncated },
        text: `${formatTable(titles, shown)}${truncated ? '\n... and more (--limit)' : ''}`,
      }
    } finally {
      await tables.close()
    }
  },
}

function cell(value: unknown): string {
  if (value === null) return ''
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)))
  return typeof value === 'string' ? value : JSON.stringify(value)
}
