import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { readMetrics, readRunSpending, readTimings, runFile, type RunInfo } from '@dda-thinker/runs'
import { packedPath, textChunks, textFacts } from '@dda-thinker/store'
import { loadJournal } from './load-journal.ts'
import { loadChecklist } from './load-samples.ts'

/** Fills the tables with one run. @returns lines of its journal that could not be read */
export async function loadRun(connection: DuckDBConnection, run: RunInfo): Promise<number> {
  const { name, dir, manifest, status } = run
  const { editor, trainer, reward } = manifest.fingerprints
  await insert(connection, 'runs', [
    [
      name,
      manifest.task,
      status.state,
      manifest.created,
      manifest.seed,
      status.step,
      status.steps,
      one(editor),
      one(trainer),
      one(reward),
      manifest.data.sha256,
    ],
  ])
  await loadChecklist(connection, runFile(dir, 'checklists'))
  const journal = runFile(dir, 'journal')
  const facts = textFacts(journal)
  const hasLines = (facts?.size ?? 0) > 0
  const lines = hasLines ? await countLines(journal) : 0
  // Either form is one that DuckDB reads.
  const read = hasLines ? await loadJournal(connection, name, facts?.isPacked ? packedPath(journal) : journal) : 0
  await loadSteps(connection, run)
  const { rows } = await readRunSpending(dir)
  await insert(
    connection,
    'spending',
    rows.map(({ stage, plugin, endpoint, calls, failed, results, money, inputTokens, outputTokens, ms }) => {
      const failures = Object.values(failed ?? {}).reduce((sum, count) => sum + count, 0)
      return [
        name,
        stage,
        plugin,
        endpoint,
        calls,
        calls === undefined ? undefined : failures,
        results,
        money,
        inputTokens,
        outputTokens,
        ms,
      ]
    }),
  )
  return Math.max(0, lines - read)
}

async function loadSteps(connection: DuckDBConnection, { name, dir }: RunInfo): Promise<void> {
  // A step that was done twice, after a kill, has two lines: the last one counts.
  const timings = new Map((await readTimings(dir)).map((line) => [line.step, line]))
  for (const { step, seconds, rolloutSeconds, updateSeconds } of timings.values()) {
    await connection.run(
      'UPDATE steps SET seconds = $seconds, rollout_seconds = $rollouts, update_seconds = $update WHERE run = $name AND step = $step',
      { seconds, rollouts: rolloutSeconds, update: updateSeconds, name, step },
    )
  }
  const lines = await readMetrics(dir, () => undefined)
  await insert(
    connection,
    'metrics',
    lines.flatMap(({ step, metrics }) => Object.entries(metrics).map(([metric, value]) => [name, step, metric, value])),
  )
}

/** Rows a statement: the number of parameters of one is limited. */
const BATCH = 500

async function insert(
  connection: DuckDBConnection,
  table: string,
  rows: readonly (readonly (string | number | undefined)[])[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH)
    const marks = batch.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ')
    const values = batch.flatMap((row) => row.map((value): DuckDBValue => value ?? null))
    await connection.run(`INSERT INTO ${table} VALUES ${marks}`, values)
  }
}

function one(fingerprint: string | readonly string[] | undefined): string | undefined {
  return fingerprint === undefined ? undefined : [fingerprint].flat().join(', ')
}

/** Whole lines of a file. */
async function countLines(path: string): Promise<number> {
  let lines = 0
  for await (const chunk of textChunks(path)) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1
  }
  return lines
}
