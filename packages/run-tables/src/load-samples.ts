import { stat } from 'node:fs/promises'
import type { DuckDBConnection } from '@duckdb/node-api'
import { literalPath } from './load-journal.ts'

const ITEM = 'STRUCT(id VARCHAR, scope VARCHAR, question VARCHAR, expected VARCHAR, critical BOOLEAN)[]'
const IMAGE = 'STRUCT(hash VARCHAR)'
const SAMPLE = `{ id: 'VARCHAR', split: 'VARCHAR', category: 'VARCHAR', subtask: 'VARCHAR', instruction: 'VARCHAR', reference: 'VARCHAR',
  images: '${IMAGE}[]', referenceImage: '${IMAGE}', checklist: '${ITEM}', difficulty: 'STRUCT(solved DOUBLE)' }`

/** Fills `samples`, and `data_checklist` with their items. @param files later ones hold what earlier ones do not */
export async function loadSamples(connection: DuckDBConnection, files: readonly string[]): Promise<void> {
  await connection.run(`CREATE TEMP TABLE data_checklist (sample_id VARCHAR, item ${ITEM.slice(0, -2)})`)
  for (const path of files) {
    if (!(await hasContent(path))) continue
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE read_samples AS SELECT * FROM ${readJson(SAMPLE)}
       WHERE id IS NOT NULL AND id NOT IN (SELECT sample_id FROM samples)`,
      { path: literalPath(path) },
    )
    await connection.run(`INSERT INTO samples SELECT id, split, category, subtask, instruction, reference,
      images[1].hash, referenceImage.hash, len(checklist), difficulty.solved FROM read_samples`)
    await connection.run('INSERT INTO data_checklist SELECT id, unnest(checklist) FROM read_samples')
    await connection.run('DROP TABLE read_samples')
  }
}

/** Makes `checklist`: what a run was judged by, which are the data's checklists but where the run brought its own. */
export async function loadChecklist(connection: DuckDBConnection, own: string): Promise<void> {
  const columns =
    'sample_id, item.id AS item_id, item.scope AS scope, item.question AS question, item.expected AS expected, coalesce(item.critical, false) AS critical'
  await connection.run(`CREATE OR REPLACE TEMP TABLE checklist AS SELECT ${columns} FROM data_checklist`)
  if (!(await hasContent(own))) return
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE own AS SELECT id AS sample_id, unnest(checklist) AS item FROM ${readJson(`{ id: 'VARCHAR', checklist: '${ITEM}' }`)}`,
    { path: literalPath(own) },
  )
  await connection.run('DELETE FROM checklist WHERE sample_id IN (SELECT sample_id FROM own)')
  await connection.run(`INSERT INTO checklist SELECT ${columns} FROM own`)
}

function readJson(columns: string): string {
  return `read_json($path, format = 'newline_delimited', ignore_errors = true, maximum_object_size = 67108864, columns = ${columns})`
}

async function hasContent(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined)
  return facts !== undefined && facts.size > 0
}
