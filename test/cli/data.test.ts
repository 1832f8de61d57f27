import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makePng } from '@dda-thinker/testkit'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'

let dir = ''

/** A project whose configuration names no plugin, and a file of five rows, two of which cannot be samples. */
beforeEach(async () => {
  dir = temporaryFolder()
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await writeFile(join(dir, 'dda.config.yaml'), 'seed: 1\n')
  await mkdir(join(dir, 'pictures'))
  for (let n = 0; n < 3; n += 1)
    await writeFile(join(dir, `pictures/${n}.png`), makePng({ width: 8 + n, height: 8, pixel: () => [n, 0, 0] }))
  const checklist = [
    { scope: 'cognitive', question: 'Does the plan name the cup?', critical: true },
    { scope: 'visual', question: 'Is the cup still there?', expected: 'no', aspect: 'preservation', weight: 2 },
  ]
  const rows = [
    { id: 'a', source: ['pictures/0.png', 'pictures/1.png'], ask: 'Remove the cup', checklist, split: 'train' },
    { id: 'b', source: 'pictures/1.png', ask: 'Add a cup', category: 'causal', split: 'train', plan: 'Put it there' },
    { id: 'c', source: 'pictures/9.png', ask: 'Lost' },
    { id: 'd', source: 'pictures/2.png', ask: '' },
    { id: 'e', source: 'pictures/2.png', ask: 'Turn', reference: 'Turned', target: 'pictures/0.png', split: 'test' },
  ]
  await writeFile(join(dir, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
})

const COLUMNS = ['--column', 'instruction=ask', '--column', 'image=source']

test('rows are checked before they are imported, and nothing is changed by it', async () => {
  const checked = await ddaHere(dir, 'data', 'validate', 'rows.jsonl', ...COLUMNS)
  expect(checked.exitCode).toBe(1)
  expect(checked.data).toMatchObject({
    sound: 3,
    problems: { 'a picture is not there': 1, 'it has no instruction': 1 },
  })
  const places = checked.data.rows.map(({ where }: { where: string }) => where.split(':').at(-1))
  expect(places).toEqual(['3', '4'])
  expect(await readdir(dir)).not.toContain('data')
})

test('an import of which nothing comes leaves the samples as they were, and says why', async () => {
  await ddaHere(dir, 'data', 'import', 'rows.jsonl', ...COLUMNS)
  const before = await readFile(join(dir, 'data/samples.jsonl'), 'utf8')
  const rows = [1, 2].map((n) => `${JSON.stringify({ source: `pictures/${n}.png`, ask: '' })}\n`)
  await writeFile(join(dir, 'bad.jsonl'), rows.join(''))
  await writeFile(join(dir, 'none.jsonl'), '')
  const nothing = await ddaHere(dir, 'data', 'import', 'bad.jsonl', ...COLUMNS)
  expect(nothing).toMatchObject({ ok: false, error: { code: 'DDA_SYNTHESIZE_NONE' } })
  expect(nothing.error.message).toContain('2 rows')
  expect(nothing.error.next).toContain('set-aside.jsonl')
  expect(await ddaHere(dir, 'data', 'import', 'none.jsonl')).toMatchObject({ ok: false })
  expect(await readFile(join(dir, 'data/samples.jsonl'), 'utf8')).toBe(before)
  const checked = await ddaHere(dir, 'data', 'validate', 'bad.jsonl', ...COLUMNS)
  expect(checked).toMatchObject({ exitCode: 1, data: { sound: 0, problems: { 'it has no instruction': 2 } } })
})

test.each(['out.jsonl', 'out.parquet'])('import, show, validate, export as %s, and import again', async (name) => {
  const imported = await ddaHere(dir, 'data', 'import', 'rows.jsonl', ...COLUMNS)
  expect(imported.data).toMatchObject({ samples: 3, bySplit: { train: 2, 'held-out': 1 } })
  const shown = await ddaHere(dir, 'data', 'show', 'a')
  expect(shown.data.sample).toMatchObject({
    id: 'a',
    instruction: 'Remove the cup',
    images: [{ width: 8 }, { width: 9 }],
  })
  expect(await readFile(shown.data.pictures[0])).toEqual(await readFile(join(dir, 'pictures/0.png')))
  const sound = await ddaHere(dir, 'data', 'validate')
  expect(sound).toMatchObject({ exitCode: 0, data: { sound: 3, withoutChecklist: 2, problems: {} } })
  expect((await ddaHere(dir, 'data', 'export', name)).data).toMatchObject({ samples: 3 })

  const before = await samples()
  const again = await ddaHere(dir, 'data', 'import', name)
  expect(again.data).toMatchObject({ samples: 3, setAside: {} })
  // Where it comes from is the exported file now.
  const plain = (lines: readonly Record<string, unknown>[]) => lines.map((line) => ({ ...line, provenance: undefined }))
  expect(plain(await samples())).toEqual(plain(before))
  expect(before.map(({ demonstration }) => demonstration)).toEqual([undefined, 'Put it there', undefined])
})

test('one split alone is exported where one is asked for', async () => {
  await ddaHere(dir, 'data', 'import', 'rows.jsonl', ...COLUMNS)
  expect((await ddaHere(dir, 'data', 'export', 'test.jsonl', '--split', 'held-out')).data).toMatchObject({ samples: 1 })
  expect(JSON.parse(await readFile(join(dir, 'test.jsonl'), 'utf8'))).toMatchObject({ id: 'e', split: 'held-out' })
})

test.each([
  [['data', 'export', 'out.xlsx'], 'DDA_USAGE_EXPORT', 2],
  [['data', 'show', 'nobody'], 'DDA_USAGE_SAMPLE', 2],
  [['data', 'import', 'missing.jsonl'], 'DDA_DATASET_MISSING', 3],
  [['data', 'import', 'rows.jsonl', '--column', 'ask'], 'DDA_USAGE_OPTION', 2],
])('%j is refused with %s', async (args, code, exit) => {
  await ddaHere(dir, 'data', 'import', 'rows.jsonl', ...COLUMNS)
  expect(await ddaHere(dir, ...args)).toMatchObject({ exitCode: exit, error: { code } })
  expect(await samples()).toHaveLength(3)
})

async function samples(): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(join(dir, 'data/samples.jsonl'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
