import { stat } from 'node:fs/promises'
import { errors } from './errors.ts'
import { fileRows } from './file-rows.ts'
import { folderRows } from './folder-rows.ts'
import type { BrokenRow, Row } from './row.ts'

/**
 * The rows of files and folders, one after the other, in bounded memory. A record that is wrong is a {@link BrokenRow}; what
 * follows it goes on.
 *
 * @throws DdaError `DDA_DATASET_MISSING`, `DDA_DATASET_TYPE`, `DDA_DATASET_FOLDER`, `DDA_DATASET_FILE`
 */
export async function* openRows(paths: readonly string[]): AsyncIterable<Row | BrokenRow> {
  for (const path of paths) {
    const facts = await stat(path).catch((cause: unknown) => {
      throw errors.make('DDA_DATASET_MISSING', { path }, { cause, location: path })
    })
    yield* facts.isDirectory() ? folderRows(path) : fileRows(path)
  }
}
