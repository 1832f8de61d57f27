import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { OUTCOMES, RunColumns } from '../../packages/viewer/src/columns/run-columns.ts'
import { selectRows } from '../../packages/viewer/src/columns/select-rows.ts'
import { applyChunk, heldOf } from '../../packages/viewer/src/columns/wire.ts'
import type {
  BlindRollout,
  RolloutDetail,
  RunMetrics,
  Sample,
  ViewHead,
} from '../../packages/viewer/src/wire/view-data.ts'
import type { RolloutLine } from '@dda-thinker/runs'
import { benchmarkProject } from '../support/benchmark-project.ts'
import { ddaHere, ddaText } from '../support/in-process.ts'
import type { Folder } from '../support/tiny-tabletop.ts'
import { startViewer, viewedProject } from '../support/viewed-project.ts'

let project: Folder
let url: string

beforeAll(async () => {
  project = await viewedProject()
  const viewer = await startViewer(project)
  url = viewer.url
  return async () => {
    await viewer.end()
    project.remove()
  }
}, 300_000)

const RECORDED = { by: 'recorded', descending: false } as const

function journal(folder: Folder, run: string): RolloutLine[] {
  const lines = readFileSync(join(folder.dir, 'runs', run, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as RolloutLine).filter(({ type }) => type === 'rollout')
}

async function json<T>(path: string, base = url): Promise<T> {
  const response = await fetch(`${base}/${path}`)
  expect(response.status, path).toBe(200)
  return (await response.json()) as T
}

/** All columns of a run, as the page collects them. */
async function columnsOf(run: string, base = url, columns = new RunColumns(), generation = 0) {
  for (;;) {
    const query = new URLSearchParams(
      Object.entries({ ...heldOf(columns), generation }).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]),
    )
    const bytes = new Uint8Array(
      await (await fetch(`${base}/data/runs/${run}/columns.bin?${query.toString()}`)).arrayBuffer(),
    )
    const state = applyChunk(columns, bytes)
    if (state === undefined) return columnsOf(run, base)
    if (state.complete) return { columns, state }
    generation = state.generation
  }
}

test('tells of every run what it was made from and what it came to', async () => {
  const { project: name, runs } = await json<ViewHead>('data/head.json')
  expect(name).toBe('tiny-tabletop')
  expect(
    runs.map((run) => [run.name, run.task, run.state]).toSorted((a, b) => String(a).localeCompare(String(b))),
  ).toEqual([
    ['evaluation', 'evaluate', 'finished'],
    ['run', 'train', 'finished'],
    ['warm', 'imitate', 'finished'],
  ])
  expect(runs.find((run) => run.name === 'evaluation')?.scores).toHaveProperty('trained.counted', 8)
})

test('columns hold of every rollout what the journal has', async () => {
  const { columns, state } = await columnsOf('run')
  const lines = journal(project, 'run')
  expect(state).toMatchObject({ complete: true, broken: 0 })
  expect(columns.length).toBe(lines.length)
  lines.forEach(({ step, rollout }, row) => {
    expect(columns.rows.step.at(row)).toBe(step)
    expect(columns.sampleFacts[columns.rows.sample.at(row)]?.id).toBe(rollout.sampleId)
    expect(columns.rows.reward.at(row)).toBe(Math.fround(rollout.reward?.total ?? Number.NaN))
    expect(columns.pictureOf(row)?.slice(0, 64)).toBe(rollout.edit?.image.hash)
    expect(columns.rows.itemsEnd.at(row) - columns.itemsStart(row)).toBe(rollout.verdicts.length)
  })
})

test('filters and orders rows, masked ones in no range of rewards', async () => {
  const { columns } = await columnsOf('run')
  const lines = journal(project, 'run')
  const rowsOf = (keep: (line: RolloutLine) => boolean) => lines.flatMap((line, row) => (keep(line) ? [row] : []))
  expect([...selectRows(columns, { steps: [2, 3] }, RECORDED)]).toEqual(rowsOf(({ step }) => step === 2 || step === 3))
  expect([...selectRows(columns, { rewards: [0.2, 2] }, RECORDED)]).toEqual(
    rowsOf(({ rollout }) => Math.fround(rollout.reward?.total ?? Number.NaN) >= 0.2),
  )
  const place = columns.items.item.at(0)
  const failed = selectRows(columns, { item: { place, passed: false } }, RECORDED)
  const passed = selectRows(columns, { item: { place, passed: true } }, RECORDED)
  expect(failed.length + passed.length).toBeGreaterThan(0)
  const rewards = [...selectRows(columns, {}, { by: 'reward', descending: true })].map((row) =>
    columns.rows.reward.at(row),
  )
  expect(rewards).toEqual(rewards.toSorted((a, b) => b - a))
})

test('a rollout comes with its reward as a sum, its advantage and its sample', async () => {
  const [detail] = await json<RolloutDetail[]>('data/runs/run/rollouts.json?rows=2')
  const sum = detail?.shares.reduce((total, { share }) => total + share, 0)
  expect(sum).toBeCloseTo(detail?.rollout.reward?.total ?? Number.NaN, 9)
  expect(detail?.advantage?.combined).toEqual(expect.any(Number))
  const [sample] = await json<Sample[]>('data/runs/run/samples.json?samples=1')
  expect(sample?.checklist.length).toBeGreaterThan(0)
  const { steps, series } = await json<RunMetrics>('data/runs/run/metrics.json')
  expect(steps).toEqual([1, 2, 3, 4, 5, 6])
  expect(Object.keys(series)).toEqual(expect.arrayContaining(['reward/mean', 'time/step', 'reused/edits']))
})

test('answers alike whatever it is asked first', async () => {
  const last = journal(project, 'run').length - 1
  const { columns } = await columnsOf('run')
  const questions = [
    `data/runs/run/rollouts.json?rows=${last}`,
    'data/runs/run/rollouts.json?rows=2,9999',
    `data/runs/run/samples.json?samples=${columns.sampleFacts.length - 1}`,
    `data/runs/run/search.bin?text=step&rows=${columns.length}`,
    'data/runs/evaluation/rollouts.json?rows=0,5',
    'data/runs/run/metrics.json',
    'data/compare.json?a=evaluation/none&b=evaluation/trained',
    'data/funnel.json',
  ]
  for (const question of questions) {
    const cold = await startViewer(project)
    const [first, later] = [await fetch(`${cold.url}/${question}`), await fetch(`${url}/${question}`)]
    expect([question, first.status, await first.text()]).toEqual([question, 200, await later.text()])
    await cold.end()
  }
  const [there, beyond] = await json<(RolloutDetail | null)[]>('data/runs/run/rollouts.json?rows=2,9999')
  expect([there?.row, beyond]).toEqual([2, null])
})

test('tells no advantage of a step that is still being written', async () => {
  const growing = await viewedProject()
  onTestFinished(growing.remove)
  const path = join(growing.dir, 'runs/run/journal.jsonl')
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const end = lines.findLastIndex((line) => line.startsWith('{"type":"step"'))
  writeFileSync(path, `${lines.slice(0, end).join('\n')}\n`)
  const viewer = await startViewer(growing)
  onTestFinished(async () => void (await viewer.end()))
  const last = journal(growing, 'run').length - 1
  const advantages = async () => {
    const details = await json<(RolloutDetail | null)[]>(`data/runs/run/rollouts.json?rows=0,${last}`, viewer.url)
    return details.map((detail) => detail?.advantage?.combined)
  }
  expect(await advantages()).toEqual([expect.any(Number), undefined])
  appendFileSync(path, `${lines[end]}\n`)
  await columnsOf('run', viewer.url)
  expect(await advantages()).toEqual([expect.any(Number), expect.any(Number)])
})

test('shows a run of a benchmark: its own samples, references, and no reward where none was given', async () => {
  const bench = await benchmarkProject()
  onTestFinished(bench.remove)
  const viewer = await startViewer(bench)
  onTestFinished(async () => void (await viewer.end()))
  const details = await json<RolloutDetail[]>('data/runs/bench/rollouts.json?rows=0,1,2', viewer.url)
  const samples = await json<Sample[]>('data/runs/bench/samples.json?samples=0,1,2', viewer.url)
  expect(samples.map(({ id }) => id)).toEqual(details.map(({ rollout }) => rollout.sampleId))
  expect(samples.map(({ referenceImage }) => referenceImage !== undefined)).toEqual([false, false, true])
  for (const { rollout, shares } of details)
    expect([rollout.edit !== undefined, rollout.reward, shares]).toEqual([true, undefined, []])
  const { columns } = await columnsOf('bench', viewer.url)
  expect(Array.from({ length: 3 }, (_, row) => OUTCOMES[columns.rows.outcome.at(row)])).toEqual(
    Array(3).fill('not scored'),
  )
  expect(columns.rows.reward.at(0)).toBeNaN()
  const question = `select outcome, reward, solved, instruction, reference_hash is not null from rollouts join samples using (sample_id) order by sample_id`
  const { data } = await ddaHere(bench.dir, 'query', question)
  expect(data.rows).toEqual([
    ['not scored', null, null, 'What becomes of this logical scene?', true],
    ['not scored', null, null, 'What becomes of this spatial scene?', false],
    ['not scored', null, null, 'What becomes of this temporal scene?', false],
  ])
  const explained = await ddaText(bench.dir, 'reward', 'explain', details[0]?.rollout.id ?? '')
  expect(explained).toMatch(
    /: not scored\n.*What becomes of this temporal scene\?[^]*It has no reward: a benchmark judges/,
  )
})

test('searches plans, reasons and instructions, letters of either case alike', async () => {
  const lines = journal(project, 'run')
  const search = async (text: string) => {
    const answer = await fetch(`${url}/data/runs/run/search.bin?text=${encodeURIComponent(text)}`)
    const bits = new Uint8Array(await answer.arrayBuffer())
    return lines.flatMap((_line, row) => (((bits[row >> 3] ?? 0) & (1 << (row & 7))) === 0 ? [] : [row]))
  }
  expect(await search(lines[3]?.rollout.id.toUpperCase() ?? '')).toEqual([3])
  const reason = lines[3]?.rollout.verdicts[0]?.reason ?? ''
  expect(await search(reason)).toEqual(
    lines.flatMap(({ rollout }, row) =>
      rollout.verdicts.some((verdict) => verdict.reason?.includes(reason)) ? [row] : [],
    ),
  )
  expect(await search('no such words')).toEqual([])
  expect((await fetch(`${url}/data/runs/run/search.bin?text=`)).status).toBe(400)
})

test('compares two Thinkers pair by pair', async () => {
  const comparison = await json<{ pairs: number; solved: { low: number } }>(
    'data/compare.json?a=evaluation/none&b=evaluation/trained',
  )
  expect(comparison.pairs).toBe(8)
  expect(comparison.solved.low).toEqual(expect.any(Number))
  expect((await fetch(`${url}/data/compare.json?a=evaluation/none&b=evaluation/nobody`)).status).toBe(404)
})

test('follows a journal while it is written, torn and broken lines left out', async () => {
  const growing = await viewedProject()
  onTestFinished(growing.remove)
  const path = join(growing.dir, 'runs/run/journal.jsonl')
  const whole = readFileSync(path, 'utf8')
  const lines = whole.trimEnd().split('\n')
  writeFileSync(path, `${lines.slice(0, 10).join('\n')}\n`)
  const viewer = await startViewer(growing)
  onTestFinished(async () => void (await viewer.end()))
  const first = await columnsOf('run', viewer.url)
  const before = first.columns.length
  expect(before).toBeLessThan(11)
  appendFileSync(path, 'no json\n')
  appendFileSync(path, lines[10]?.slice(0, 40) ?? '')
  const torn = await columnsOf('run', viewer.url, first.columns, first.state.generation)
  expect([torn.columns.length, torn.state.broken]).toEqual([before, 1])
  appendFileSync(path, `${lines[10]?.slice(40)}\n${lines.slice(11).join('\n')}\n`)
  const all = await columnsOf('run', viewer.url, torn.columns, torn.state.generation)
  expect(all.columns.length).toBe(journal(project, 'run').length)
  // The line behind the broken one can be read in full.
  const [detail] = await json<RolloutDetail[]>(`data/runs/run/rollouts.json?rows=${before}`, viewer.url)
  expect(detail?.rollout.id).toBe(journal(project, 'run')[before]?.rollout.id)
  // Written anew, as what continues from a checkpoint does: read again from the start.
  writeFileSync(path, `${lines.slice(20).join('\n')}\n`)
  const anew = await columnsOf('run', viewer.url, all.columns, all.state.generation)
  expect(anew.state.generation).toBeGreaterThan(all.state.generation)
  expect(anew.columns.length).toBeLessThan(all.columns.length)
})

test('shows the run that has the name now, with its data, its sights and from its beginning', async () => {
  const growing = await viewedProject()
  onTestFinished(growing.remove)
  const run = (name: string) => join(growing.dir, 'runs', name)
  const samples = join(growing.dir, 'data/samples.jsonl')
  const data = readFileSync(samples)
  cpSync(run('evaluation'), run('anew'), { recursive: true })
  writeFileSync(samples, '')
  rmSync(join(growing.dir, 'data/curated.jsonl'), { force: true })
  const viewer = await startViewer(growing)
  onTestFinished(async () => void (await viewer.end()))
  const first = await columnsOf('anew', viewer.url)
  const sampleOf = async () => (await json<(Sample | null)[]>('data/runs/anew/samples.json?samples=0', viewer.url))[0]
  expect(await sampleOf()).toBeNull()
  // Another run and other data under the names of before; the record is as long as it was.
  writeFileSync(samples, data)
  const manifest = readFileSync(join(run('anew'), 'run.json'), 'utf8')
  rmSync(run('anew'), { recursive: true })
  expect((await fetch(`${viewer.url}/data/runs/anew/metrics.json`)).status).toBe(404)
  cpSync(run('evaluation'), run('anew'), { recursive: true })
  const { sights, ...rest } = JSON.parse(manifest) as { sights: Record<string, string[]> }
  const seen = Object.fromEntries(Object.keys(sights).map((judge) => [judge, ['instruction']]))
  writeFileSync(join(run('anew'), 'run.json'), JSON.stringify({ ...rest, sights: seen }))
  const anew = await columnsOf('anew', viewer.url, first.columns, first.state.generation)
  expect(anew.state.generation).toBeGreaterThan(first.state.generation)
  expect(anew.columns.length).toBe(first.columns.length)
  expect(await sampleOf()).toMatchObject({ id: anew.columns.sampleFacts[0]?.id })
  const { questions } = await json<BlindRollout>('data/runs/anew/questions.json?row=3&by=ann', viewer.url)
  expect(Object.keys(questions[0]?.shown ?? {})).toContain('instruction')
})

interface Asked {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

function statusOf({ path, headers = {} }: Asked): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { headers, path }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

test('serves pictures by their hash, and nothing else of the disk', async () => {
  const hash = journal(project, 'run').find(({ rollout }) => rollout.edit !== undefined)?.rollout.edit?.image.hash ?? ''
  const picture = await fetch(`${url}/pictures/${hash}.png`)
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(picture.headers.get('cache-control')).toContain('immutable')
  expect((await fetch(`${url}/thumbnails/${hash}.png`)).status).toBe(200)
  const refused = [
    `/pictures/${'0'.repeat(64)}.png`,
    `/pictures/${hash}`,
    `/pictures/${hash}.svg`,
    '/pictures/..%2f..%2f..%2fdda.config.yaml',
    '/pictures/%2e%2e/dda.config.yaml',
    '/../../dda.config.yaml',
    '/thumbnails/..%5c..%5cdda.config.yaml',
    '/data/runs/..%2f..%2fdata/columns.bin',
    '/data/runs/%2e%2e/metrics.json',
    '/dda.config.yaml',
  ]
  for (const path of refused) expect([path, await statusOf({ path })]).toEqual([path, 404])
})

test('refuses other hosts, other origins and other methods, and pages are strict', async () => {
  expect(await statusOf({ path: '/data/head.json', headers: { host: 'evil.example' } })).toBe(403)
  expect(await statusOf({ path: '/data/head.json', headers: { origin: 'http://evil.example' } })).toBe(403)
  expect(
    await statusOf({ path: '/data/head.json', headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' } }),
  ).toBe(403)
  expect((await fetch(`${url}/data/head.json`, { method: 'POST' })).status).toBe(405)
  const page = await fetch(url)
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'self'/)
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
  expect(await page.text()).not.toMatch(/<script(?![^>]*src=)|\son\w+=|<style/)
})

test('shows only the runs that it was opened with', async () => {
  const viewer = await startViewer(project, { runs: ['run'] })
  onTestFinished(async () => void (await viewer.end()))
  const { runs } = await json<ViewHead>('data/head.json', viewer.url)
  expect(runs.map(({ name }) => name)).toEqual(['run'])
  expect((await fetch(`${viewer.url}/data/runs/evaluation/metrics.json`)).status).toBe(404)
})

test('writes nothing into a run, and nothing but thumbnails beside the pictures', async () => {
  const files = () =>
    readdirSync(project.dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.endsWith('.512.webp'))
      .map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`)
      .toSorted()
  const before = files()
  await columnsOf('evaluation')
  await json('data/runs/evaluation/rollouts.json?rows=0,1,2')
  await json('data/funnel.json')
  await json('data/compare.json?a=evaluation/none&b=evaluation/base')
  expect(files()).toEqual(before)
})
