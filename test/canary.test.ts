import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ensureBuilt, installPluginApi, root } from './support/dda.ts'
import { ddaHere } from './support/in-process.ts'
import { tinyTabletop, type Folder } from './support/tiny-tabletop.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

let project: Folder
beforeAll(async () => {
  ensureBuilt('world', 'canary')
  project = await tinyTabletop(4)
  cpSync(join(root, 'test/fixtures/canary'), project.dir, { recursive: true })
  installPluginApi(project.dir)
})
afterAll(() => project.remove())

const WATCHED = ['--set', 'plugins=[{use: canary, rate: 1, minimum: 4}]'] as const
const LYING = ['--set', 'judge[0].use=./yes-judge.mjs'] as const

const train = (name: string, ...more: readonly string[]) =>
  ddaHere(project.dir, 'train', '--init', 'warm', '--name', name, ...more)
const file = (run: string, name: string) => readFileSync(join(project.dir, 'runs', run, name), 'utf8')

function metricsOf(run: string): Record<string, number>[] {
  const lines = file(run, 'metrics.jsonl').trimEnd().split('\n')
  return lines.map((line) => (JSON.parse(line) as { metrics: Record<string, number> }).metrics)
}

const sumOf = (run: string, field: string) =>
  metricsOf(run)
    .flatMap((metrics) => Object.entries(metrics))
    .reduce((sum, [name, value]) => (name.startsWith(`canary/${field}/`) ? sum + value : sum), 0)

test('honest judges raise no alarm, and training is what it is without canaries', async () => {
  const plain = await train('plain')
  const watched = await train('watched', ...WATCHED)
  expect([plain.data.state, watched.data.state]).toEqual(['finished', 'finished'])
  expect(watched.warnings).toEqual([])
  expect(sumOf('watched', 'asked')).toBeGreaterThan(40)
  expect(sumOf('watched', 'passed')).toBe(0)
  expect(metricsOf('watched').every((metrics) => metrics['canary/alarms'] === 0)).toBe(true)
  const kinds = new Set(metricsOf('watched').flatMap((metrics) => Object.keys(metrics)))
  for (const kind of ['empty-plan', 'yes-plan', 'unchanged-source', 'swapped-image', 'trap']) {
    expect(kinds).toContain(`canary/asked/judge-tabletop/${kind}`)
  }
  // No canary has entered training: the same rollouts, rewards and losses.
  expect(file('watched', 'journal.jsonl')).toBe(file('plain', 'journal.jsonl'))
  const others = metricsOf('watched').map((metrics) =>
    Object.fromEntries(Object.entries(metrics).filter(([name]) => !name.startsWith('canary/'))),
  )
  expect(others).toEqual(metricsOf('plain'))
})

test('a run that was stopped and continued asks and counts the same', async () => {
  expect((await train('halved', ...WATCHED, '--steps', '3')).data).toMatchObject({ step: 3 })
  expect((await train('halved', ...WATCHED, '--steps', '6')).data).toMatchObject({ step: 6, resumedFrom: 3 })
  expect(file('halved', 'metrics.jsonl')).toBe(file('watched', 'metrics.jsonl'))
})

test('a judge that says yes to everything raises an alarm, in warnings, metrics and report', async () => {
  const { data, warnings } = await train('fooled', ...WATCHED, ...LYING)
  expect(data.state).toBe('finished')
  const alarms = (warnings as string[]).filter((line) => line.includes('DDA_CANARY_ALARM'))
  expect(alarms.length).toBeGreaterThan(0)
  expect(alarms.every((line) => line.includes('yes-judge answered yes to'))).toBe(true)
  expect(sumOf('fooled', 'passed')).toBe(sumOf('fooled', 'asked'))
  expect(metricsOf('fooled').at(-1)?.['canary/alarms']).toBeGreaterThan(0)

  const evaluated = await ddaHere(project.dir, 'eval', '--thinker', 'run:fooled', ...WATCHED, ...LYING)
  expect(evaluated.exitCode).toBe(0)
  const report = await ddaHere(project.dir, 'report', evaluated.data.run, '--run', 'fooled')
  expect(report.exitCode).toBe(0)
  const page = readFileSync(join(project.dir, 'report/report.html'), 'utf8')
  expect(page).toMatch(/yes-judge answered yes to (\d+) of \1 questions whose right answer is no/)
  expect(page).toMatch(/Canary alarm in \d of 6 steps/)
})

test('an alarm that is to stop the run does, and the run can go on', async () => {
  const strict = ['--set', 'plugins=[{use: canary, rate: 1, minimum: 4, onAlarm: stop}]'] as const
  const stopped = await train('strict', ...strict, ...LYING)
  expect(stopped).toMatchObject({ ok: false, error: { code: 'DDA_CANARY_ALARM', plugin: 'plugin-canary' } })
  const honest = await train('honest', ...strict)
  expect(honest.data).toMatchObject({ state: 'finished', step: 6 })
})
