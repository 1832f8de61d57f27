import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { ddaHere } from '../support/in-process.ts'
import type { Folder } from '../support/tiny-tabletop.ts'
import { startViewer, viewedProject } from '../support/viewed-project.ts'

let plain: Folder
let packed: Folder

beforeAll(async () => {
  plain = await viewedProject()
  packed = await viewedProject()
  for (const name of ['run', 'evaluation'])
    expect(await ddaHere(packed.dir, 'runs', 'pack', name)).toMatchObject({ ok: true })
  return () => {
    plain.remove()
    packed.remove()
  }
}, 300_000)

const QUESTIONS = [
  'data/head.json',
  'data/funnel.json',
  'data/runs/run/rollouts.json?rows=0,1,2,47',
  'data/runs/evaluation/rollouts.json?rows=0,23',
  'data/runs/run/samples.json?samples=0,1',
  'data/runs/run/metrics.json',
  'data/runs/run/search.bin?text=the&rows=48',
  'data/compare.json?a=evaluation/none&b=evaluation/trained',
  'data/runs/run/columns.bin?rows=48',
]

async function answers(url: string): Promise<readonly string[]> {
  const found = []
  for (const question of QUESTIONS) {
    const response = await fetch(`${url}/${question}`)
    // Where the bytes of a journal stand in a packed one, is another thing.
    const text = (await response.text()).replaceAll(/"(?:read|size)":\d+/g, '')
    found.push(`${question}: ${response.status} ${text}`)
  }
  return found
}

test('packed journals have the files that the test is about', () => {
  const names = ({ dir }: Folder) => readdirSync(join(dir, 'runs/run')).filter((name) => name.startsWith('journal'))
  expect([names(plain), names(packed)]).toEqual([['journal.jsonl'], ['journal.jsonl.gz']])
})

test('a viewer answers of a packed run as of the same run unpacked', async () => {
  const viewers = [await startViewer(plain), await startViewer(packed)]
  onTestFinished(async () => {
    for (const viewer of viewers) await viewer.end()
  })
  const [before, after] = [await answers(viewers[0]?.url ?? ''), await answers(viewers[1]?.url ?? '')]
  expect(before.filter((answer) => !answer.includes(': 200 '))).toEqual([])
  expect(after).toEqual(before)
})

test('a run may be packed while it is looked at', async () => {
  const project = await viewedProject()
  onTestFinished(project.remove)
  const viewer = await startViewer(project)
  onTestFinished(async () => void (await viewer.end()))
  const before = await answers(viewer.url)
  for (const name of ['run', 'evaluation'])
    expect(await ddaHere(project.dir, 'runs', 'pack', name)).toMatchObject({ ok: true })
  const after = await answers(viewer.url)
  // Columns say that they are of a record that was written anew.
  expect(after.slice(0, -1)).toEqual(before.slice(0, -1))
})

test('a report of a packed run is that of the same run unpacked', async () => {
  const pages = []
  for (const project of [plain, packed]) {
    const { ok, data } = await ddaHere(project.dir, 'report', 'evaluation', '--out', join(project.dir, 'out'))
    expect(ok, JSON.stringify(data)).toBe(true)
    const files = ['report.html', 'summary.json'].map((name) => readFileSync(join(project.dir, 'out', name), 'utf8'))
    pages.push(files.map((text) => text.replaceAll(project.dir, '')))
  }
  expect(pages[1]).toEqual(pages[0])
  expect(pages[0]?.[0]?.length).toBeGreaterThan(10_000)
})
