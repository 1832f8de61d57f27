import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { errors } from './errors.ts'
import { brokenFile, fileFailure } from './file-failure.ts'
import type { BrokenRow, Row } from './row.ts'

type Reader = (file: string) => AsyncIterable<Row | BrokenRow>

/** Loaded when a file of their kind turns up: the libraries behind them are most of what a command would load otherwise. */
const jsonl = async (): Promise<Reader> => (await import('./jsonl-rows.ts')).jsonlRows
const csv = async (): Promise<Reader> => (await import('./csv-rows.ts')).csvRows
const READERS: Readonly<Record<string, () => Promise<Reader>>> = {
  '.jsonl': jsonl,
  '.ndjson': jsonl,
  '.json': async () => (await import('./json-rows.ts')).jsonRows,
  '.csv': csv,
  '.tsv': csv,
  '.parquet': async () => (await import('./parquet-rows.ts')).parquetRows,
}

export function isDataFile(file: string): boolean {
  return extname(file).toLowerCase() in READERS
}

/** Rows of one file, read by what its name ends in. @throws DdaError `DDA_DATASET_TYPE`, `DDA_DATASET_FILE` */
export async function* fileRows(file: string): AsyncIterable<Row | BrokenRow> {
  const reader = READERS[extname(file).toLowerCase()]
  if (reader === undefined) {
    throw errors.make('DDA_DATASET_TYPE', { file, types: Object.keys(READERS).join(', ') }, { location: file })
  }
  try {
    // A device or a pipe may have no end, or never give anything. Readers come back to a place, too.
    if (!(await stat(file)).isFile()) throw brokenFile(file, 'it is no regular file')
    const read = await reader()
    yield* read(file)
  } catch (error) {
    throw fileFailure(file, error)
  }
}
