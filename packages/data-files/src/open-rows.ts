import { stat } from 'node:fs/promises'
import { DdaError } from '@dda-thinker/plugin-api'
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
      throw new DdaError('DDA_DATASET_MISSING', `There is nothing to read at ${path}`, {
        cause,
        location: path,
        next: 'Correct the path; it is relative to the config that says it, or to where the command runs.',
      })
    })
    yield* facts.isDirectory() ? folderRows(path) : fileRows(path)
  }
}
