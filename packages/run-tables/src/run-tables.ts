import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { freshTemporary, temporaryFolder } from '@dda-thinker/plugin-api'
import type { DuckDBConnection, DuckDBInstance, Json } from '@duckdb/node-api'
import type { RunInfo } from '@dda-thinker/runs'
import { errors } from './errors.ts'
import { loadRun } from './load-run.ts'
import { loadSamples } from './load-samples.ts'
import { TABLES } from './tables.ts'

export interface TablesOptions {
  /** Files of samples, the preferred one first: what a sample is, is read from the first that has it. */
  readonly samples?: readonly string[]
  /** Told of lines of a journal that could not be read. */
  readonly warn?: (message: string) => void
}

/** What a query found. */
export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Values that JSON has; integers beyond 2^53 and dates are text. */
  readonly rows: readonly (readonly Json[])[]
  /** More rows were there than were asked for. */
  readonly truncated: boolean
}

/** Settings of every database here: no extension is fetched or loaded beyond those inside, memory is bounded and spilled. */
const SETTINGS = {
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  memory_limit: '1GB',
}

/**
 * Runs as tables ({@link TABLES}), in a database of its own in the folder for temporary files; the runs themselves are only read. Queries
 * see that database read-only and nothing else: no file, no network, no setting.
 */
export class RunTables {
  readonly #folder: string
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(folder: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#folder = folder
    this.#instance = instance
    this.#connection = connection
  }

  /** @throws DdaError `DDA_QUERY_ENGINE` where DuckDB cannot work here, `DDA_DATA_CORRUPT` for broken books of a run */
  static async open(runs: readonly RunInfo[], options: TablesOptions = {}): Promise<RunTables> {
    const folder = await ownFolder()
    try {
      await fill(join(folder, 'tables.duckdb'), runs, options)
      const instance = await open(join(folder, 'tables.duckdb'), { ...SETTINGS, access_mode: 'READ_ONLY' })
      const connection = await instance.connect()
      await connection.run('SET enable_external_access = false')
      await connection.run('SET lock_configuration = true')
      return new RunTables(folder, instance, connection)
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
  }

  /**
   * Answers a query.
   *
   * @param sql SELECT in DuckDB's SQL
   * @param limit rows returned at most. Default 1000.
   * @param seconds after which it is given up. Default 600.
   * @throws DdaError `DDA_QUERY_SQL`, `DDA_QUERY_TIME`
   */
  async query(sql: string, limit = 1000, seconds = 600): Promise<QueryResult> {
    if (sql.trim() === '') throw errors.make('DDA_QUERY_SQL', { why: 'it is empty' })
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#connection.interrupt()
    }, seconds * 1000)
    try {
      const statements = await this.#connection.extractStatements(sql)
      if (statements.count !== 1) throw new Error(`it is ${statements.count} statements, and must be one`)
      const reader = await this.#connection.streamAndReadUntil(sql, limit + 1)
      const names = reader.deduplicatedColumnNames()
      const types = reader.columnTypes()
      const rows = reader.getRowsJson()
      return {
        columns: names.map((name, i) => ({ name, type: String(types[i]) })),
        rows: rows.slice(0, limit).map((row) => row.map((value, i) => plain(value, String(types[i])))),
        truncated: rows.length > limit,
      }
    } catch (error) {
      if (late) throw errors.make('DDA_QUERY_TIME', { seconds }, { cause: error })
      throw errors.make('DDA_QUERY_SQL', { why: reason(error) }, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  async close(): Promise<void> {
    this.#connection.closeSync()
    this.#instance.closeSync()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/**
 * Writes every table as `<folder>/<table>.parquet` (Zstandard), each whole or not at all. pandas, DuckDB and `datasets` open them; the last knows
 * no maps, so these are lists of key and value there.
 *
 * @returns the files
 * @throws DdaError `DDA_QUERY_ENGINE`, `DDA_QUERY_EXPORT`
 */
export async function exportTables(
  runs: readonly RunInfo[],
  folder: string,
  options: TablesOptions = {},
): Promise<readonly string[]> {
  const temporary = await ownFolder()
  try {
    return await fill(join(temporary, 'tables.duckdb'), runs, options, async (connection) => {
      const files: string[] = []
      try {
        await mkdir(folder, { recursive: true })
        for (const { name, columns } of TABLES) {
          const maps = columns.filter(({ type }) => type.startsWith('MAP'))
          const lists = maps.map((one) => `map_entries(${one.name}) AS ${one.name}`).join(', ')
          const from = `SELECT *${lists === '' ? '' : ` REPLACE (${lists})`} FROM ${name}`
          const path = join(folder, `${name}.parquet`)
          const part = await freshTemporary(path)
          await connection.run(`COPY (${from}) TO '${part.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`)
          await rename(part, path)
          files.push(path)
        }
      } catch (error) {
        throw errors.make('DDA_QUERY_EXPORT', { folder, why: reason(error) }, { cause: error })
      }
      return files
    })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function ownFolder(): Promise<string> {
  try {
    return await temporaryFolder('dda-tables')
  } catch (error) {
    throw errors.make('DDA_QUERY_ENGINE', { why: reason(error) }, { cause: error })
  }
}

async function open(path: string, settings: Readonly<Record<string, string>>): Promise<DuckDBInstance> {
  try {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    return await DuckDBInstance.create(path, { ...settings })
  } catch (error) {
    throw errors.make('DDA_QUERY_ENGINE', { why: reason(error) }, { cause: error })
  }
}

async function fill(path: string, runs: readonly RunInfo[], options: TablesOptions): Promise<void>
async function fill<T>(
  path: string,
  runs: readonly RunInfo[],
  options: TablesOptions,
  then: (connection: DuckDBConnection) => Promise<T>,
): Promise<T>
async function fill<T>(
  path: string,
  runs: readonly RunInfo[],
  { samples = [], warn }: TablesOptions,
  then?: (connection: DuckDBConnection) => Promise<T>,
): Promise<T | undefined> {
  const instance = await open(path, SETTINGS)
  try {
    const connection = await instance.connect()
    for (const { name, columns } of TABLES) {
      await connection.run(`CREATE TABLE ${name} (${columns.map((one) => `"${one.name}" ${one.type}`).join(', ')})`)
    }
    await loadSamples(connection, samples)
    for (const run of runs) {
      const broken = await loadRun(connection, run)
      if (broken > 0) warn?.(`${broken} lines of the journal of ${run.name} cannot be read and are in no table.`)
    }
    const result = await then?.(connection)
    connection.closeSync()
    return result
  } finally {
    instance.closeSync()
  }
}

/** DuckDB's own JSON has every integer of 64 bits as text. */
function plain(value: Json, type: string): Json {
  if (typeof value !== 'string' || !/^U?(BIG|HUGE)INT$/.test(type)) return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Without the position marker and the hints about extensions: neither can be followed here. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n\n')[0]?.replaceAll(/\s+/g, ' ').trim() ?? message
}
