import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryName } from '@dda-thinker/plugin-api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { copyOf } from '../support/tiny-tabletop.ts'

// Many commands on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const prepared = tinyProject()
const TRAIN = ['train', '--name', 'run', '--steps', '4'] as const
const EVAL = ['eval', '--name', 'figures', '--thinker', 'base'] as const

beforeAll(async () => {
  for (const words of [['synthesize'], ['curate'], TRAIN, EVAL])
    expect(await ddaHere(prepared.dir, ...words)).toMatchObject({ ok: true })
})
afterAll(() => prepared.remove())

test('a byte order mark in front of any JSON file of a project changes nothing', async () => {
  const project = copyOf(prepared)
  const files = readdirSync(project.dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(data|runs).*\.json$/.test(name.replaceAll('\\', '/')),
  )
  // What a trainer wrote is its checkpoint's, and may not change at all.
  const ours = files.filter((name) => !/trainer/.test(name))
  expect(ours.map((name) => name.replace(/^.*[/\\]/, ''))).toEqual(
    expect.arrayContaining(['data.json', 'run.json', 'status.json', 'scores.json', 'checkpoint.json']),
  )
  for (const name of ours) {
    const path = join(project.dir, name)
    writeFileSync(path, `\uFEFF${readFileSync(path, 'utf8')}`)
  }
  for (const words of [
    ['data', 'funnel'],
    ['runs', 'show', 'run'],
    ['report', 'figures'],
    [...TRAIN.slice(0, -1), '5'],
    EVAL,
  ]) {
    const ran = await ddaHere(project.dir, ...words)
    expect(ran, `${words.join(' ')}: ${ran.stderr}`).toMatchObject({ ok: true, warnings: [] })
  }
  project.remove()
})

test('a folder where a file of a run should be is told where the file counts, and no matter where it does not', async () => {
  const project = copyOf(prepared)
  const run = join(project.dir, 'runs/run')
  const train = async (folder: string, to = '5', ...more: readonly string[]) => {
    rmSync(join(run, folder), { recursive: true, force: true })
    mkdirSync(join(run, folder, 'x'), { recursive: true })
    return ddaHere(project.dir, ...TRAIN.slice(0, -1), to, ...more)
  }
  const metrics = readFileSync(join(run, 'metrics.jsonl'))
  const broken = await train('metrics.jsonl')
  expect(broken).toMatchObject({ exitCode: 3, error: { code: 'DDA_FILE_SYSTEM' } })
  expect(broken.error.message).toContain('metrics.jsonl')
  rmSync(join(run, 'metrics.jsonl'), { recursive: true })
  writeFileSync(join(run, 'metrics.jsonl'), metrics)
  const ran = await train('plugin-timings.json')
  expect(ran, ran.stderr).toMatchObject({ ok: true, data: { state: 'finished', step: 5 } })
  const steps = await train('timings.jsonl', '6')
  expect(steps, steps.stderr).toMatchObject({ ok: true, data: { state: 'finished', step: 6 } })
  expect(steps.stderr).toContain('What steps take is not kept')
  expect(ran.stderr).toContain('What plugins took is not kept')
  // The books are for people, but for a budget, which counts them.
  const bound = await train('spending.jsonl', '7', '--set', 'budget.edits=1000')
  expect(bound).toMatchObject({
    exitCode: 3,
    error: { code: 'DDA_FILE_SYSTEM', next: expect.stringMatching(/budget/) },
  })
  expect(bound.error.message).toContain('spending.jsonl')
  const books = await train('spending.jsonl', '7')
  expect(books, books.stderr).toMatchObject({ ok: true, data: { state: 'finished', step: 7 } })
  expect(books.stderr).toContain('What is spent is not kept')
  project.remove()
})

test.skipIf(process.platform !== 'linux')('a file without an end is told, not read until memory is full', async () => {
  const project = copyOf(prepared)
  const codes = async (name: string, commands: readonly (readonly string[])[]) => {
    const path = join(project.dir, name)
    const sound = readFileSync(path)
    rmSync(path)
    symlinkSync('/dev/zero', path)
    const told = []
    for (const words of commands) told.push((await ddaHere(project.dir, ...words)).error?.code)
    rmSync(path)
    writeFileSync(path, sound)
    return told
  }
  const shows = [['runs', 'show', 'run'], TRAIN]
  expect(await codes('runs/run/run.json', shows)).toEqual(['DDA_RUN_CORRUPT', 'DDA_RUN_CORRUPT'])
  expect(await codes('data/data.json', [TRAIN])).toEqual(['DDA_DATA_CORRUPT'])
  expect(await codes('runs/figures/scores.json', [['report', 'figures']])).toEqual(['DDA_RUN_CORRUPT'])
  expect(await ddaHere(project.dir, 'edit', '/dev/zero', 'make it red')).toMatchObject({ exitCode: 2 })
  const more = [...TRAIN.slice(0, -1), '5']
  const told = ['DDA_FILE_SYSTEM', 'DDA_FILE_SYSTEM']
  expect(await codes('data/samples.jsonl', [['curate'], more])).toEqual(told)
  expect(await codes('data/curated.jsonl', [more, EVAL])).toEqual(told)
  expect(await codes('runs/run/metrics.jsonl', [shows[0] ?? [], more])).toEqual(told)
  expect(await codes('runs/run/journal.jsonl', [more])).toEqual(['DDA_FILE_SYSTEM'])
  expect(await codes('runs/figures/journal.jsonl', [['report', 'figures'], EVAL])).toEqual(told)
  // What people read, and no command: they see the rest.
  for (const name of ['spending.jsonl', 'timings.jsonl', 'plugin-timings.json'])
    expect(await codes(`runs/run/${name}`, [['runs', 'show', 'run']]), name).toEqual([undefined])
  project.remove()
})

test('`trained` is the newest training that has a checkpoint, and one that has none is named', async () => {
  const project = copyOf(prepared)
  const checkpoints = (run: string) => join(project.dir, 'runs', run, 'checkpoints')
  expect(await ddaHere(project.dir, 'train', '--name', 'newer', '--steps', '1')).toMatchObject({ ok: true })
  const evaluate = (name: string) => ddaHere(project.dir, 'eval', '--thinker', 'trained', '--name', name)
  expect(await evaluate('both')).toMatchObject({ ok: true, warnings: [] })
  rmSync(checkpoints('newer'), { recursive: true })
  const warnings = ['`trained` is step 4 of run: newer is newer and has no checkpoint yet.']
  expect(await evaluate('older')).toMatchObject({ ok: true, warnings })
  const evaluated = (name: string) =>
    JSON.parse(readFileSync(join(project.dir, 'runs', name, 'run.json'), 'utf8')).evaluated
  expect([evaluated('both'), evaluated('older')]).toEqual([
    { trained: { run: 'newer', step: 1 } },
    { trained: { run: 'run', step: 4 } },
  ])
  rmSync(checkpoints('run'), { recursive: true })
  expect(await evaluate('neither')).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_RUN_NO_CHECKPOINT', message: expect.stringContaining('newer') },
  })
  project.remove()
})

test.each([
  ['data export', ['data', 'export', 'out/data.parquet'], 'data.parquet'],
  ['data export of lines', ['data', 'export', 'out/data.jsonl'], 'data.jsonl'],
  ['export', ['export', 'out', '--to', 'verl'], 'train.parquet'],
  ['export', ['export', 'out', '--to', 'openrlhf'], 'arguments.txt'],
  ['query', ['query', '--export', 'out'], 'rollouts.parquet'],
  ['view', ['view', '--export', 'out/page'], 'page'],
  ['report', ['report', 'figures', '--out', 'out'], 'report.html'],
])('what a killed %s was writing is removed by the next: %j', async (_what, words, name) => {
  const project = copyOf(prepared)
  const gone = spawnSync(process.execPath, ['-e', '']).pid
  const left = temporaryName(join(project.dir, 'out', name)).replace(`-${process.pid}-`, `-${gone}-`)
  mkdirSync(join(project.dir, 'out'))
  writeFileSync(left, 'half')
  const given = words.map((word) => (word.startsWith('out') ? join(project.dir, word) : word))
  expect(await ddaHere(project.dir, ...given)).toMatchObject({ ok: true })
  expect(readdirSync(join(project.dir, 'out')).filter((file) => file.includes('.tmp'))).toEqual([])
  project.remove()
})
