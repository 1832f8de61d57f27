import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ensureBuilt, tinyProject } from '../support/dda.ts'
import { ddaHere, ddaText } from '../support/in-process.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const { dir, remove } = tinyProject()
const sheet = join(dir, 'sheet.jsonl')

beforeAll(async () => {
  ensureBuilt()
  await ddaHere(dir, 'synthesize')
  await ddaHere(dir, 'train')
  await ddaHere(dir, 'eval', '--thinker', 'trained', '--name', 'seen')
})
afterAll(remove)

const rows = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('people are asked what the judges were, and the agreement is told', async () => {
  expect(await ddaText(dir, 'annotate', 'seen')).toContain('Nobody has annotated seen yet')
  const { data } = await ddaHere(dir, 'annotate', 'seen', '--export', 'sheet.jsonl', '--judged')
  expect(data).toMatchObject({ file: sheet, questions: rows(sheet).length })
  const answered = rows(sheet).map((row) => ({ ...row, answer: row.verdict }))
  writeFileSync(sheet, answered.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const imported = await ddaHere(dir, 'annotate', 'seen', '--import', 'sheet.jsonl', '--by', 'ann')
  expect(imported.data).toMatchObject({ run: 'seen', answers: answered.length, empty: 0, people: ['ann'] })
  const found = await ddaHere(dir, 'annotate', 'seen')
  expect(found.data.agreement).toMatchObject({ all: { count: answered.length, raw: { value: 1 } }, leftOut: 0 })
  expect(await ddaText(dir, 'annotate', 'seen')).toMatch(/judge +answers +agree +kappa[^]*all +\d+ +100 %/)
})

test('a judge that judges again is compared with the same people', async () => {
  const { data, exitCode } = await ddaHere(dir, 'rejudge', 'seen', '--judge', './harsh.mjs', '--name', 'harsh')
  expect(exitCode).toBe(0)
  expect(data.agreement.all.raw.value).toBe(0)
  const again = await ddaHere(dir, 'annotate', 'seen', '--of', 'harsh')
  expect(again.data).toMatchObject({ run: 'harsh', annotated: 'seen', agreement: data.agreement })
})

test('the answers are a calibration set', async () => {
  const { data } = await ddaHere(dir, 'annotate', 'seen', '--calibration', 'set.jsonl')
  const items = rows(join(dir, 'set.jsonl'))
  expect(items).toHaveLength(data.items)
  const asked = await ddaHere(dir, 'doctor', '--skip-edit', '--calibration', 'set.jsonl')
  expect(asked).toMatchObject({
    exitCode: 0,
    data: { calibration: [{ count: items.length, raw: { value: 1 }, failed: 0 }] },
  })
  const other = ['--set', 'judge=[{use: ./harsh.mjs}]']
  const harsh = await ddaHere(dir, 'doctor', '--skip-edit', '--calibration', 'set.jsonl', ...other)
  expect(harsh.data.calibration).toMatchObject([{ plugin: 'harsh-judge', raw: { value: 0 } }])
  writeFileSync(join(dir, 'none.jsonl'), '')
  expect(await ddaHere(dir, 'doctor', '--calibration', 'none.jsonl')).toMatchObject({ error: { code: 'DDA_USAGE' } })
  writeFileSync(join(dir, 'broken.jsonl'), '{"rollout": 1}\n')
  const broken = await ddaHere(dir, 'doctor', '--skip-edit', '--calibration', 'broken.jsonl')
  expect(broken.error).toMatchObject({ code: 'DDA_DATA_CORRUPT', location: expect.stringContaining('broken.jsonl:1') })
  expect(items[0]).toMatchObject({ question: expect.any(String), answer: expect.stringMatching(/yes|no/), people: 1 })
})

test('two things at once, and a run that is not there, are refused', async () => {
  const both = await ddaHere(dir, 'annotate', 'seen', '--export', 'a.csv', '--calibration', 'b.jsonl')
  expect(both).toMatchObject({ ok: false, exitCode: 2, error: { code: 'DDA_USAGE' } })
  expect(await ddaHere(dir, 'annotate', 'none')).toMatchObject({ error: { code: 'DDA_RUN_MISSING' } })
})
