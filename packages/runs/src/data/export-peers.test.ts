import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openProject } from '../../../../test/support/fake-world.ts'
import { synthesize } from '../jobs/synthesize.ts'
import { exportSamples } from './export-samples.ts'

/** A Python with the packages `datasets`, `pillow` and `duckdb`. */
const PYTHON = process.env['DDA_DATASETS_PYTHON'] ?? 'python3'
const installed = spawnSync(PYTHON, ['-c', 'import datasets, duckdb, PIL']).status === 0

const READ = `
import json, sys, datasets, duckdb
rows = datasets.Dataset.from_parquet(sys.argv[1], cache_dir=sys.argv[2])
feature = rows.features
first = rows[0]
struct = duckdb.sql("select typeof(image) from '%s' limit 1" % sys.argv[1]).fetchall()[0][0]
size = duckdb.sql("select octet_length(image.bytes) from '%s' limit 1" % sys.argv[1]).fetchall()[0][0]
print(json.dumps({
  "image": isinstance(feature["image"], datasets.Image),
  "more": isinstance(feature["more_images"].feature, datasets.Image),
  "size": list(first["image"].size), "rows": len(rows), "struct": struct, "bytes": size,
}))
`

test.skipIf(!installed)(
  'datasets loads the pictures as images, DuckDB as structs (needs datasets, pillow, duckdb; DDA_DATASETS_PYTHON names the interpreter)',
  async () => {
    const project = await openProject({ synthesize: { count: { train: 5, 'held-out': 2 } } })
    onTestFinished(() => project.close())
    await synthesize(project.assembly, project)
    const { paths, images } = project.workspace
    const to = join(project.root, 'out.parquet')
    await exportSamples({ from: paths.samples, to, images })
    const { stdout, stderr } = spawnSync(PYTHON, ['-c', READ, to, join(project.root, 'cache')], { encoding: 'utf8' })
    const said = stdout.trim().split('\n').at(-1) ?? ''
    expect(said, stderr).toMatch(/^\{/)
    expect(JSON.parse(said)).toEqual({
      image: true,
      more: true,
      size: [1, 1],
      rows: 7,
      struct: 'STRUCT(bytes BLOB, path VARCHAR)',
      bytes: expect.any(Number),
    })
  },
  120_000,
)
