import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ChecklistItem, isSolved, type Rollout } from '@dda-thinker/plugin-api'
import { readRun, type RunInfo } from '@dda-thinker/runs'
import { packLines } from '@dda-thinker/store'
import { parquetReadObjects } from 'hyparquet'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exportTables, RunTables } from './run-tables.ts'
import { TABLES } from './tables.ts'

let dir: string
beforeEach(async () => {
  // Characters that DuckDB would expand in a path.
  dir = await mkdtemp(join(tmpdir(), 'dda-tables-[a]*-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

const checklist: readonly ChecklistItem[] = [
  { id: 'c1', scope: 'cognitive', question: 'Does the plan say so?', expected: 'yes' },
  { id: 'v1', scope: 'visual', question: 'Is it "gone" — 没有?', expected: 'no', critical: true },
]

function rollout(id: string, answers: readonly ('yes' | 'no' | 'unsure')[], more: Partial<Rollout> = {}): Rollout {
  const verdicts = answers.map((answer, i) => ({
    itemId: checklist[i]?.id ?? '',
    answer,
    judge: 'judge@1',
    reason: 'seen',
  }))
  const items = verdicts.map(({ itemId, answer }, i) => ({
    itemId,
    scope: checklist[i]?.scope ?? 'visual',
    passed: answer === checklist[i]?.expected,
    contribution: 0.25,
  }))
  return {
    id,
    sampleId: 's1',
    group: '1/s1',
    member: 0,
    verdicts,
    reward: { total: 0.25 * items.length, components: { cognitive: 1 }, items, extras: { format: 0.1 } },
    outcome: { kind: 'scored' },
    ...more,
  }
}

const failure = { kind: 'timeout', stage: 'edit', code: 'DDA_EDITOR_TIMEOUT', message: 'too slow' } as const
const rollouts: readonly Rollout[] = [
  rollout('solved', ['yes', 'no']),
  rollout('failed', ['yes', 'yes']),
  rollout('unsure', ['yes', 'unsure']),
  rollout('divided', ['yes'], { asked: ['cognitive'] }),
  rollout('gated', ['no'], { outcome: { kind: 'gated', reason: 'no plan' } }),
  (({ reward: _reward, ...rest }) => rest)(rollout('masked', [], { outcome: { kind: 'masked', failure } })),
]

async function makeRun(name = 'train-1'): Promise<RunInfo> {
  const folder = join(dir, name)
  await mkdir(folder, { recursive: true })
  const manifest = {
    format: 1,
    task: 'train',
    created: '2026-01-01T00:00:00Z',
    seed: 7,
    config: { name: 'x', data: { dir: 'data' }, eval: { split: 'held-out', confidence: 0.95 }, train: {} },
    options: {},
    plugins: [],
    fingerprints: { editor: 'editor@1' },
    data: { file: 'samples.jsonl', sha256: 'abc', samples: 1 },
    node: 'v20',
  }
  const lines = [
    ...rollouts.map((one) => ({ type: 'rollout', step: 1, rollout: one })),
    { type: 'step', step: 1, policyVersion: 1, scored: 4, gated: 1, masked: 1, reward: 0.4 },
  ]
  await writeFile(join(folder, 'run.json'), JSON.stringify(manifest))
  await writeFile(join(folder, 'journal.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  await writeFile(
    join(folder, 'metrics.jsonl'),
    `${JSON.stringify({ step: 1, policyVersion: 1, metrics: { 'reward/mean': 0.4 } })}\n`,
  )
  const sample = { id: 's1', images: [{ hash: 'f'.repeat(64) }], instruction: 'Do it.', category: 'causal', checklist }
  await writeFile(join(dir, 'samples.jsonl'), `${JSON.stringify({ ...sample, split: 'train', reference: '' })}\n`)
  return readRun(folder)
}

async function ask(tables: RunTables, sql: string) {
  return (await tables.query(sql)).rows
}

describe('tables', () => {
  test('say of every rollout what the nouns say', async () => {
    const tables = await RunTables.open([await makeRun()], { samples: [join(dir, 'samples.jsonl')] })
    try {
      const rows = await ask(tables, 'SELECT rollout_id, outcome, solved, reward, failure_code FROM rollouts')
      expect(rows).toEqual(
        rollouts.map((one) => [
          one.id,
          one.outcome.kind,
          one.outcome.kind === 'masked' ? null : isSolved(one, checklist),
          one.reward?.total ?? null,
          one.outcome.kind === 'masked' ? 'DDA_EDITOR_TIMEOUT' : null,
        ]),
      )
      expect(
        await ask(
          tables,
          "SELECT item_id, scope, question, expected, critical, passed FROM items WHERE rollout_id = 'unsure'",
        ),
      ).toEqual([
        ['c1', 'cognitive', 'Does the plan say so?', 'yes', false, true],
        ['v1', 'visual', 'Is it "gone" — 没有?', 'no', true, false],
      ])
      expect(await ask(tables, 'SELECT run, step, scored, masked FROM steps')).toEqual([['train-1', 1, 4, 1]])
      expect(await ask(tables, 'SELECT * FROM metrics')).toEqual([['train-1', 1, 'reward/mean', 0.4]])
      expect(await ask(tables, 'SELECT run, seed, editor FROM runs')).toEqual([['train-1', 7, 'editor@1']])
    } finally {
      await tables.close()
    }
  })

  test('are the same of a packed journal, also of one in many blocks', async () => {
    const run = await makeRun()
    const journal = join(run.dir, 'journal.jsonl')
    const text = await readFile(journal, 'utf8')
    await writeFile(journal, text.repeat(200))
    const sql =
      'SELECT rollout_id, outcome, failure_code, count(*), sum(reward) FROM rollouts GROUP BY ALL ORDER BY ALL'
    const read = async () => {
      const tables = await RunTables.open([run], { samples: [join(dir, 'samples.jsonl')] })
      try {
        return [await ask(tables, sql), await ask(tables, 'SELECT count(*) FROM items')]
      } finally {
        await tables.close()
      }
    }
    const plain = await read()
    expect(plain[0]).toHaveLength(rollouts.length)
    expect(plain[0]?.every(([, , , count]) => Number(count) === 200)).toBe(true)
    await packLines(journal)
    expect(await readdir(run.dir)).not.toContain('journal.jsonl')
    expect(await read()).toEqual(plain)
  })

  test('pass over lines that are torn or broken, and say how many', async () => {
    const run = await makeRun()
    const journal = join(run.dir, 'journal.jsonl')
    await writeFile(journal, (await readFile(journal, 'utf8')).replace('{"type":"rollout"', '{"type":"roll'))
    await appendFile(journal, '{"type":"rollout","step":2,"roll')
    const said: string[] = []
    const tables = await RunTables.open([run], { warn: (message) => said.push(message) })
    try {
      expect(await ask(tables, 'SELECT count(*) FROM rollouts')).toEqual([[rollouts.length - 1]])
      expect(said).toEqual(['1 lines of the journal of train-1 cannot be read and are in no table.'])
    } finally {
      await tables.close()
    }
  })

  test('of a run that has nothing yet are empty', async () => {
    const run = await makeRun()
    await rm(join(run.dir, 'journal.jsonl'))
    const tables = await RunTables.open([run])
    try {
      expect(await ask(tables, 'SELECT count(*) FROM rollouts')).toEqual([[0]])
    } finally {
      await tables.close()
    }
  })

  test('show a part and say that there is more', async () => {
    const tables = await RunTables.open([await makeRun()])
    try {
      expect(await tables.query('SELECT rollout_id FROM rollouts', 2)).toMatchObject({
        rows: [['solved'], ['failed']],
        truncated: true,
      })
    } finally {
      await tables.close()
    }
  })

  test('take a checklist of the run before that of the data', async () => {
    const run = await makeRun()
    const own = [{ ...checklist[1], question: 'Another?', expected: 'yes' }]
    await writeFile(join(run.dir, 'checklists.jsonl'), `${JSON.stringify({ id: 's1', checklist: own })}\n`)
    const tables = await RunTables.open([run], { samples: [join(dir, 'samples.jsonl')] })
    try {
      expect(
        await ask(tables, "SELECT question, passed FROM items WHERE rollout_id = 'failed' AND item_id = 'v1'"),
      ).toEqual([['Another?', true]])
    } finally {
      await tables.close()
    }
  })
})

describe('a query', () => {
  test.each([
    ['SELECT * FROM nowhere'],
    ["SELECT * FROM read_csv('/etc/passwd')"],
    ["SELECT * FROM read_text('/proc/self/environ')"],
    ["COPY rollouts TO '/tmp/dda-never.csv'"],
    ["ATTACH '/tmp/dda-never.db'"],
    ['INSERT INTO runs SELECT * FROM runs'],
    ['CREATE TABLE x AS SELECT 1'],
    ['DROP TABLE rollouts'],
    ['INSTALL httpfs'],
    ['LOAD httpfs'],
    ['SET enable_external_access = true'],
    ["SET memory_limit = '9GB'"],
    ["SELECT * FROM 'https://127.0.0.1:1/x.parquet'"],
    ['SELECT 1; SELECT 2'],
    [''],
  ])('%s is refused with a code', async (sql) => {
    const tables = await RunTables.open([await makeRun()])
    try {
      await expect(tables.query(sql)).rejects.toMatchObject({ code: 'DDA_QUERY_SQL' })
    } finally {
      await tables.close()
    }
  })
})

test('exported tables are Parquet that another reader opens', async () => {
  const out = join(dir, "o'ut")
  const files = await exportTables([await makeRun('a'), await makeRun('b')], out, {
    samples: [join(dir, 'samples.jsonl')],
  })
  expect((await readdir(out)).toSorted()).toEqual(TABLES.map(({ name }) => `${name}.parquet`).toSorted())
  const path = files.find((file) => file.endsWith('rollouts.parquet')) ?? ''
  const bytes = await readFile(path)
  const { compressors } = await import('hyparquet-compressors')
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  const rows = await parquetReadObjects({ file, compressors })
  expect(rows.map(({ run, rollout_id }) => `${run}/${rollout_id}`)).toEqual(
    ['a', 'b'].flatMap((run) => rollouts.map(({ id }) => `${run}/${id}`)),
  )
})

test('a query that takes too long is given up, and the next one is answered', async () => {
  const tables = await RunTables.open([await makeRun('a')])
  try {
    const endless = 'select count(*) from range(1000000000) a, range(1000000000) b where a.range * b.range = 7'
    await expect(tables.query(endless, 10, 0.2)).rejects.toMatchObject({ code: 'DDA_QUERY_TIME' })
    expect((await tables.query('select 1 as one')).rows).toEqual([[1]])
  } finally {
    await tables.close()
  }
})

const python = join(process.env.DDA_VENV ?? '.venv', 'bin', 'python')
const run = promisify(execFile)
const hasReaders =
  existsSync(python) &&
  (await run(python, ['-c', 'import pandas, datasets']).then(
    () => true,
    () => false,
  ))

test.skipIf(!hasReaders)(
  'pandas and datasets open every table (needs pandas and datasets in DDA_VENV)',
  async () => {
    const out = join(dir, 'out')
    await exportTables([await makeRun('a')], out, { samples: [join(dir, 'samples.jsonl')] })
    const script = [
      'import json, sys, glob, os, datasets, pandas',
      'rows = {}',
      'for file in glob.glob(os.path.join(glob.escape(sys.argv[1]), "*.parquet")):',
      '  frame = pandas.read_parquet(file)',
      '  rows[os.path.basename(file)] = [len(frame), 0]',
      // It refuses what has no rows.
      '  if len(frame) == 0: continue',
      '  table = datasets.Dataset.from_parquet(file, cache_dir=os.path.join(sys.argv[2], "cache"))',
      '  assert list(frame.columns) == table.column_names, file',
      '  rows[os.path.basename(file)] = [len(frame), table.num_rows]',
      'first = datasets.Dataset.from_parquet(os.path.join(sys.argv[1], "rollouts.parquet"), cache_dir=os.path.join(sys.argv[2], "cache"))[0]',
      'print(json.dumps({"rows": rows, "components": first["components"]}))',
    ].join('\n')
    const cache = await mkdtemp(join(tmpdir(), 'dda-datasets-'))
    const plain = join(cache, 'tables')
    await cp(out, plain, { recursive: true })
    const { stdout } = await run(python, ['-c', script, plain, cache], { env: { ...process.env, HF_HUB_OFFLINE: '1' } })
    const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    expect(Object.keys(found.rows).toSorted()).toEqual(TABLES.map(({ name }) => `${name}.parquet`).toSorted())
    expect(found.rows['rollouts.parquet']).toEqual([rollouts.length, rollouts.length])
    expect(found.components).toEqual([{ key: 'cognitive', value: 1 }])
    await rm(cache, { recursive: true, force: true })
  },
  300_000,
)
