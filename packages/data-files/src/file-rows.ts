import { extname } from 'node:path'
import { csvRows } from './csv-rows.ts'
import { errors } from './errors.ts'
import { fileFailure } from './file-failure.ts'
import { jsonRows } from './json-rows.ts'
import { jsonlRows } from './jsonl-rows.ts'
import { parquetRows } from './parquet-rows.ts'
import type { BrokenRow, Row } from './row.ts'

const READERS: Readonly<Record<string, (file: string) => AsyncIterable<Row | BrokenRow>>> = {
  '.jsonl': jsonlRows,
  '.ndjson': jsonlRows,
  '.json': jsonRows,
  '.csv': csvRows,
  '.tsv': csvRows,
  '.parquet': parquetRows,
}

export function isDataFile(file: string): boolean {
  return extname(file).toLowerCase() in READERS
}

/** Rows of one file, read by what its name ends in. @throws DdaError `DDA_DATASET_TYPE`, `DDA_DATASET_FILE` */
export async function* fileRows(file: string): AsyncIterable<Row | BrokenRow> {
  const read = READERS[extname(file).toLowerCase()]
  if (read === undefined) {
    throw errors.make('DDA_DATASET_TYPE', { file, types: Object.keys(READERS).join(', ') }, { location: file })
  }
  try {
    yield* read(file)
  } catch (error) {
    throw fileFailure(file, error)
  }
}
