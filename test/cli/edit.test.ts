import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Sample } from '@dda-thinker/plugin-api'
import { ensureBuilt, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { purchases, sha256 } from '../support/records.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const { dir, remove } = tinyProject()
const WISH = 'show grass'
let sample: Sample

beforeAll(async () => {
  ensureBuilt()
  await ddaHere(dir, 'synthesize')
  await ddaHere(dir, 'train')
  const samples = readFileSync(join(dir, 'data/samples.jsonl'), 'utf8').trimEnd().split('\n')
  sample = samples.map((line) => JSON.parse(line) as Sample).find(({ instruction }) => instruction === WISH) as Sample
  const hash = sample.images[0]?.hash ?? ''
  copyFileSync(join(dir, 'data/store', hash.slice(0, 2), hash.slice(2, 3), `${hash}.png`), join(dir, 'field.png'))
})
afterAll(remove)

test('a picture is planned, edited and written; the project’s own sample is judged by its checklist', async () => {
  const { exitCode, data } = await ddaHere(dir, 'edit', 'field.png', WISH)
  expect(exitCode).toBe(0)
  expect(data).toMatchObject({
    thinker: 'trained',
    sampleId: sample.id,
    known: true,
    plan: { text: 'paint green', executable: 'paint green' },
    edit: { editor: 'tiny-editor swap=false' },
    outcome: { kind: 'scored' },
    out: join(dir, 'field.edited.png'),
  })
  expect(data.verdicts.map(({ itemId, answer }: { itemId: string; answer: string }) => [itemId, answer])).toEqual([
    ['names', 'yes'],
    ['shows', 'yes'],
    ['dull', 'no'],
  ])
  expect(data.reward.total).toBeCloseTo(1, 9)
  expect(sha256(readFileSync(data.out))).toBe(data.edit.image.hash)
  expect(readFileSync(data.stored).equals(readFileSync(data.out))).toBe(true)
  // Nothing is a run, and the same look again buys nothing.
  expect((await ddaHere(dir, 'runs')).data.runs.map(({ task }: { task: string }) => task)).toEqual(['train'])
  const bought = purchases(dir)
  expect((await ddaHere(dir, 'edit', 'field.png', WISH)).data).toEqual(data)
  expect(purchases(dir)).toEqual(bought)
})

test('where the picture cannot be written it says so by a code, with the path', async () => {
  const { exitCode, error } = await ddaHere(dir, 'edit', 'field.png', WISH, '--out', 'no-such-folder/edited.png')
  expect([exitCode, error?.code]).toEqual([3, 'DDA_FILE_SYSTEM'])
  expect(error?.message).toContain(join(dir, 'no-such-folder/edited.png'))
})

test('any other instruction is edited without a judgement, or judged by a checklist of one’s own', async () => {
  const args = ['edit', 'field.png', 'paint blue', '--thinker', 'none', '--out', 'blue.png'] as const
  const plain = await ddaHere(dir, ...args)
  expect(plain.exitCode).toBe(0)
  expect(plain.data).toMatchObject({
    known: false,
    plan: { text: 'paint blue' },
    verdicts: [],
    out: join(dir, 'blue.png'),
  })
  expect(plain.data).not.toHaveProperty('reward')
  writeFileSync(
    join(dir, 'items.yaml'),
    '- { id: red, scope: visual, question: Is the picture red?, expected: "yes" }\n',
  )
  const judged = await ddaHere(dir, ...args, '--checklist', 'items.yaml')
  expect(judged.data.verdicts).toMatchObject([{ itemId: 'red', answer: 'no' }])
  expect(judged.data.edit).toEqual(plain.data.edit)
})

test('a failing Editor is the error of the command; a failing judge leaves the picture and is told', async () => {
  const failed = await ddaHere(dir, 'edit', 'field.png', WISH, '--set', 'editor.failOn=green')
  expect(failed).toMatchObject({
    exitCode: 3,
    error: { code: 'DDA_EDITOR_TIMEOUT', stage: 'edit', next: expect.any(String) },
  })
  const broken = ['edit', 'field.png', WISH, '--out', 'kept.png', '--set', 'judge=[{use: ./broken-judge.mjs}]'] as const
  const kept = await ddaHere(dir, ...broken)
  expect(kept).toMatchObject({ exitCode: 5, data: { outcome: { kind: 'masked', failure: { stage: 'judge' } } } })
  expect(kept.data).not.toHaveProperty('reward')
  expect(sha256(readFileSync(join(dir, 'kept.png')))).toBe(kept.data.edit.image.hash)
  expect(kept.warnings).toHaveLength(1)
})

test.each([
  [['edit', 'absent.png', WISH], 2, 'DDA_USAGE_IMAGE'],
  [['edit', 'dda.config.yaml', WISH], 3, 'DDA_IMAGE_INVALID'],
  [['edit', 'field.png', ' '], 2, 'DDA_USAGE'],
  [['edit', 'field.png', WISH, '--checklist', 'absent.yaml'], 2, 'DDA_CHECKLIST_MISSING'],
  [['edit', 'field.png', WISH, '--thinker', 'nobody'], 2, 'DDA_USAGE_THINKER'],
])('%j ends with %i', async (args, exitCode, code) => {
  expect(await ddaHere(dir, ...args)).toMatchObject({ exitCode, error: { code, next: expect.any(String) } })
})
