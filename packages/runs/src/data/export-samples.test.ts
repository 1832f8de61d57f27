import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Sample } from '@dda-thinker/plugin-api'
import { isBroken, isRecord, openRows } from '@dda-thinker/data-files'
import { collect, sha256 } from '@dda-thinker/store'
import sharp from 'sharp'
import { afterEach, expect, test } from 'vitest'
import { openProject, type Project } from '../../../../test/support/fake-world.ts'
import { synthesize } from '../jobs/synthesize.ts'
import { findData, loadSamples } from './project-samples.ts'
import { EXPORT_COLUMNS, exportSamples } from './export-samples.ts'
import { DATA_PROBLEMS, type ProblemLine, validateSamples } from './validate-samples.ts'

const projects: Project[] = []

afterEach(async () => {
  for (const project of projects.splice(0)) await project.close()
})

async function made(): Promise<Project> {
  const project = await openProject({ synthesize: { count: { train: 5, 'held-out': 2 } } })
  projects.push(project)
  await synthesize(project.assembly, project)
  return project
}

async function exported(project: Project, name: string) {
  const { paths, images } = project.workspace
  const { file: from } = await findData(paths)
  return exportSamples({ from, to: join(project.root, name), images })
}

async function rowsOf(file: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const rows = await collect(openRows([file]))
  return rows.map((row) => (isBroken(row) ? {} : row.value))
}

test.each(['out.parquet', 'out.jsonl'])('%s holds every sample with its pictures', async (name) => {
  const project = await made()
  const result = await exported(project, name)
  expect(result).toEqual({ file: join(project.root, name), samples: 7 })
  const rows = await rowsOf(result.file)
  const samples = await loadSamples(project.workspace.paths)
  expect(rows.map(({ id }) => id)).toEqual(samples.map(({ id }) => id))
  for (const [index, row] of rows.entries()) {
    const sample = samples[index] as Sample
    const { image, checklist, provenance } = row
    expect(row).toMatchObject({ instruction: sample.instruction, category: sample.category, split: sample.split })
    const text = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value)
    expect(text(checklist)).toEqual(sample.checklist)
    expect(text(provenance)).toEqual(sample.provenance)
    const bytes = isRecord(image) ? image['bytes'] : await readFile(join(project.root, String(image)))
    const [source] = sample.images
    if (source === undefined) throw new Error('no source')
    expect(Buffer.from(bytes as Uint8Array)).toEqual(Buffer.from(await project.workspace.images.get(source)))
  }
  expect(Object.keys(rows[0] ?? {}).every((key) => EXPORT_COLUMNS.some(({ name }) => name === key))).toBe(true)
})

test('an export that cannot be completed leaves what was there', async () => {
  const project = await made()
  const file = join(project.root, 'out.parquet')
  await writeFile(file, 'older')
  await rm(project.workspace.paths.store, { recursive: true })
  const { paths } = project.workspace
  const { ContentStore } = await import('@dda-thinker/store')
  const cold = new ContentStore(paths.store)
  await expect(exportSamples({ from: paths.samples, to: file, images: cold })).rejects.toMatchObject({
    code: 'DDA_STORE_MISSING',
  })
  expect(await readFile(file, 'utf8')).toBe('older')
  expect((await readdir(project.root)).filter((name) => name.includes('tmp'))).toEqual([])
  await expect(exported(project, 'out.csv')).rejects.toMatchObject({ code: 'DDA_USAGE_EXPORT' })
  await expect(exported(project, 'missing/out.parquet')).rejects.toMatchObject({ code: 'DDA_DATASET_WRITE' })
})

test('validation lists every wrong line with its reason and counts the sound ones', async () => {
  const project = await made()
  const { paths, images } = project.workspace
  expect(await validateSamples(paths.samples, images)).toMatchObject({ lines: 7, sound: 7, problems: {} })
  const [first, second] = await loadSamples(paths, { split: 'train' })
  if (first === undefined || second === undefined) throw new Error('no samples')
  const line = (change: Partial<Sample>) => `${JSON.stringify({ ...first, ...change })}\n`
  const lost = { hash: '0'.repeat(64), mediaType: 'image/png', width: 1, height: 1 } as const
  await appendFile(
    paths.samples,
    [
      '{"id": "torn\n',
      line({ id: second.id, instruction: 'Another' }),
      line({ id: 'again' }),
      line({ id: 'leak', instruction: 'In the other split', split: 'held-out' }),
      line({ id: 'lost', instruction: 'Without a picture', images: [lost] }),
      line({ id: 'mute', instruction: ' ' }),
      '{"id": "bare"}\n',
      line({ id: 'unasked', instruction: 'Nothing is asked', checklist: [] }),
    ].join(''),
  )
  const told: ProblemLine[] = []
  const result = await validateSamples(paths.samples, images, (problem) => told.push(problem))
  expect(result).toMatchObject({ lines: 15, sound: 8, withoutChecklist: 1 })
  expect(told.map(({ where, reason }) => [Number(where.split(':').at(-1)), reason])).toEqual([
    [8, DATA_PROBLEMS.unreadable],
    [9, DATA_PROBLEMS.idTaken],
    [10, DATA_PROBLEMS.repeated],
    [11, DATA_PROBLEMS.leak],
    [12, DATA_PROBLEMS.picture],
    [13, DATA_PROBLEMS.invalid],
    [14, DATA_PROBLEMS.invalid],
  ])
  expect(result.problems).toMatchObject({ [DATA_PROBLEMS.invalid]: 2, [DATA_PROBLEMS.unreadable]: 1 })
})

test('a picture that an older version stored as it came is told', async () => {
  const project = await made()
  const { paths, images } = project.workspace
  const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: '#f000' } })
    .png()
    .toBuffer()
  const old = { hash: sha256(clear), mediaType: 'image/png', width: 8, height: 8 } as const
  const file = images.path(old)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, clear)
  const [first] = await loadSamples(paths, { split: 'train' })
  await appendFile(paths.samples, `${JSON.stringify({ ...first, id: 'old', images: [old] })}\n`)
  const { problems } = await validateSamples(paths.samples, images)
  expect(problems).toEqual({ [DATA_PROBLEMS.form]: 1 })
})

test('holds the samples that are named, and no file comes of names that nobody has', async () => {
  const project = await made()
  const { paths, images } = project.workspace
  const { file: from } = await findData(paths)
  const [first, second] = await loadSamples(paths)
  const to = join(project.root, 'chosen.jsonl')
  const ids = new Set([second?.id ?? '', 'nobody'])
  expect(await exportSamples({ from, to, images, ids })).toEqual({ file: to, samples: 1 })
  expect((await rowsOf(to)).map(({ id }) => id)).toEqual([second?.id])
  expect(first?.id).not.toBe(second?.id)
  const none = exportSamples({ from, to: join(project.root, 'none.jsonl'), images, ids: new Set(['nobody']) })
  await expect(none).rejects.toMatchObject({ code: 'DDA_EXPORT_NONE' })
  expect(await readdir(project.root)).not.toContain('none.jsonl')
})
