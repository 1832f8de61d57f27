import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collect } from '@dda-thinker/store'
import { TRAINER } from '@dda-thinker/plugin-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openProject, type Project } from '../../../../test/support/fake-world.ts'
import { loadSamples } from '../data/project-samples.ts'
import { evaluate } from '../jobs/evaluate.ts'
import { synthesize } from '../jobs/synthesize.ts'
import { importAnnotations, sheetRows, writeRecords } from './annotation-sheet.ts'
import { appendAnnotations, currentAnnotations, readAnnotations } from './annotations.ts'
import { calibrationItems, readHumanAgreement } from './human-agreement.ts'
import { readRun, type RunInfo } from './run-dir.ts'

let project: Project
let run: RunInfo

beforeAll(async () => {
  project = await openProject({ synthesize: { count: { train: 1, 'held-out': 4 } } })
  await synthesize(project.assembly, project)
  const samples = await loadSamples(project.workspace.paths, { split: 'held-out' })
  const thinkers = [{ name: 'base', thinker: () => project.assembly.resolve(TRAINER).thinker, needs: [TRAINER] }]
  await evaluate(project.assembly, { ...project, samples, thinkers })
  run = await readRun(project.runDir)
})
afterAll(() => project.close())

const newDir = () => mkdtemp(join(tmpdir(), 'annotations-'))
const said = (over = {}) => ({ rollout: 'r', item: 'i', answer: 'yes' as const, by: 'ann', ...over })

test('answers are appended, never changed, and the last of each person holds', async () => {
  const dir = await newDir()
  await appendAnnotations(dir, [said(), said({ by: 'bob', answer: 'no', note: 'too dark', blind: true })])
  await appendAnnotations(dir, [said({ answer: 'unsure' }), said({ by: 'bob', answer: null })])
  expect((await collect(readAnnotations(dir))).map(({ by, answer }) => [by, answer])).toEqual([
    ['ann', 'yes'],
    ['bob', 'no'],
    ['ann', 'unsure'],
    ['bob', null],
  ])
  expect(await currentAnnotations(dir)).toMatchObject([{ by: 'ann', answer: 'unsure' }])
  // A line that was cut off by a kill, and one of something else: the others hold.
  await appendFile(join(dir, 'annotations.jsonl'), '{"rollout":1}\n{"rollout":"r","item"')
  expect(await currentAnnotations(dir)).toHaveLength(1)
  await appendAnnotations(dir, [said({ by: 'eve' })])
  expect(await currentAnnotations(dir)).toHaveLength(2)
})

test.each([
  [{ answer: 'maybe' }, /answer/],
  [{ by: '' }, /by/],
  [{ item: undefined }, /item/],
  [{ at: 'yesterday' }, /at is no time/],
])('%o is refused, and nothing is written', async (over, problem) => {
  const dir = await newDir()
  const given = [said(), said(over as object)]
  await expect(appendAnnotations(dir, given)).rejects.toMatchObject({
    code: 'DDA_ANNOTATION_INVALID',
    message: expect.stringMatching(problem) as string,
  })
  expect(await collect(readAnnotations(dir))).toEqual([])
})

test('several processes append at the same time and lose nothing', async () => {
  const dir = await newDir()
  await Promise.all(Array.from({ length: 20 }, (_, i) => appendAnnotations(dir, [said({ item: `i${i}` })])))
  expect(await currentAnnotations(dir)).toHaveLength(20)
})

test.each(['csv', 'jsonl'])('a sheet (%s) goes out blind, and comes back with answers', async (ending) => {
  const { paths } = project.workspace
  const file = join(await newDir(), `sheet.${ending}`)
  expect(await readHumanAgreement({ ...run, dir: await newDir() }, paths)).toBeUndefined()
  const count = await writeRecords(file, sheetRows(run, paths))
  expect(count).toBeGreaterThanOrEqual(8)
  const text = await readFile(file, 'utf8')
  expect(text).not.toMatch(/verdict|reason/)
  expect(await importAnnotations(run, paths, file, 'ann')).toMatchObject({ annotations: [], empty: count })

  // People say of every question what the judge says, but for the first.
  const rows = await collect(sheetRows(run, paths, { judged: true }))
  const opposite = rows[0]?.verdict === 'yes' ? 'no' : 'yes'
  const filled = rows.map(({ verdict, reason: _reason, ...row }, i) => ({
    ...row,
    answer: i === 0 ? opposite : verdict,
  }))
  await writeRecords(file, filled)
  const { annotations } = await importAnnotations(run, paths, file, `ann by ${ending}`)
  expect(annotations).toHaveLength(count)
  const found = await readHumanAgreement(run, paths)
  expect(found?.all).toMatchObject({ count, raw: { value: (count - 1) / count } })
  expect(found?.byJudge.reduce((sum, one) => sum + one.count, 0)).toBe(count)
  // The one that is least agreed on comes first.
  expect(found?.byItem[0]).toMatchObject({ name: rows[0]?.item, question: rows[0]?.question })
  expect(found).toMatchObject({ disputed: 0, leftOut: 0 })
})

test('what most people agree on is a calibration set, whole in itself; ties are left out', async () => {
  const { paths } = project.workspace
  const [first] = await collect(sheetRows(run, paths))
  const before = await calibrationItems(run, paths)
  expect(before.length).toBeGreaterThanOrEqual(8)
  const visual = before.find(({ scope }) => scope === 'visual')
  expect(visual).toMatchObject({ question: expect.any(String), edited: { hash: expect.any(String) }, people: 2 })
  expect(before.find(({ scope }) => scope === 'cognitive')).toHaveProperty('plan')
  const { rollout, item } = first ?? expect.unreachable('no question')
  const answer = before.find((one) => one.rollout === rollout && one.item === item)?.answer === 'yes' ? 'no' : 'yes'
  await appendAnnotations(
    run.dir,
    ['c', 'd'].map((by) => ({ rollout, item, answer: answer as 'yes' | 'no', by })),
  )
  expect(await calibrationItems(run, paths)).toHaveLength(before.length - 1)
  expect(await readHumanAgreement(run, paths)).toMatchObject({ disputed: 1, leftOut: 1 })
})

test('an answer to a question that nobody asked is refused with its place', async () => {
  const file = join(await newDir(), 'sheet.jsonl')
  await writeFile(file, `${JSON.stringify(said())}\n`)
  const before = await collect(readAnnotations(run.dir))
  await expect(importAnnotations(run, project.workspace.paths, file)).rejects.toMatchObject({
    code: 'DDA_ANNOTATION_INVALID',
    message: expect.stringContaining('item i of rollout r') as string,
  })
  await writeFile(file, `${JSON.stringify(said({ by: '' }))}\n`)
  await expect(importAnnotations(run, project.workspace.paths, file)).rejects.toMatchObject({
    message: expect.stringContaining('row 1 of') as string,
  })
  expect(await collect(readAnnotations(run.dir))).toEqual(before)
})
