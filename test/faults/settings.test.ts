import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ended, ensureBuilt, envelope, startDda, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { readJournalFile, runRecord } from '../support/records.ts'
import { copyOf, type Folder } from '../support/tiny-tabletop.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const TRAIN = ['train', '--name', 'run'] as const
const prepared = tinyProject()
let project: Folder

beforeAll(async () => {
  ensureBuilt()
  expect(await ddaHere(prepared.dir, 'synthesize')).toMatchObject({ ok: true })
})
beforeEach(() => {
  project = copyOf(prepared)
})
afterEach(() => project.remove())
afterAll(() => prepared.remove())

const config = () => join(project.dir, 'dda.config.yaml')

/** Changes the configuration's text. */
function edit(from: string, to: string): void {
  const text = readFileSync(config(), 'utf8')
  expect(text).toContain(from)
  writeFileSync(config(), text.replace(from, to))
}

test.each([
  [
    'a key of the framework',
    '  samplesPerStep: 6',
    '  samplePerStep: 6',
    'train.samplePerStep',
    'samplesPerStep',
    /:16:3/,
  ],
  ['a key of the root', 'synthesize:', 'sinthesize:', 'sinthesize', 'synthesize', /:12:1/],
  [
    'an option of a plugin',
    'use: ./tiny.mjs\njudge',
    'use: ./tiny.mjs\n  swop: true\njudge',
    'editor.swop',
    'swap',
    /:6:3/,
  ],
])(
  '%s, misspelt: its place, the nearest name, a next step, and nothing has run',
  async (_, from, to, path, near, at) => {
    edit(from, to)
    const refused = await ddaHere(project.dir, ...TRAIN)
    expect(refused).toMatchObject({
      exitCode: 2,
      error: { code: 'DDA_CONFIG_INVALID', next: expect.stringMatching(/\w/) },
    })
    const [problem, ...others] = refused.error.problems
    expect(others).toEqual([])
    expect(problem).toMatchObject({ path, suggestion: near })
    expect(problem.location).toMatch(at)
    expect(refused.error.message).toContain(`did you mean \`${near}\``)
    expect(existsSync(join(project.dir, 'runs'))).toBe(false)
  },
)

test('a misspelt override names itself as the place', async () => {
  const refused = await ddaHere(project.dir, ...TRAIN, '--set', 'train.stepz=3')
  expect(refused).toMatchObject({ exitCode: 2, error: { code: 'DDA_CONFIG_INVALID' } })
  expect(refused.error.message).toMatch(/--set train\.stepz.*did you mean `steps`/)
})

test('several faults at once are all told at once', async () => {
  edit('  steps: 12', '  steps: many')
  edit('groupSize: 2', 'groupsize: 2')
  const refused = await ddaHere(project.dir, 'config', 'check')
  const paths = refused.error.problems.map(({ path }: { path: string }) => path)
  expect(paths.toSorted()).toEqual(['train.groupsize', 'train.steps'])
})

test('an unknown plugin: all that was tried, and the nearest that is installed', async () => {
  edit('use: dual-atomic', 'use: dual-atomik')
  const refused = await ddaHere(project.dir, ...TRAIN)
  expect(refused.exitCode).toBe(2)
  const { message } = refused.error
  for (const tried of [
    'dual-atomik',
    '@dda-thinker/reward-dual-atomik',
    '@dda-thinker/dual-atomik',
    'dda-reward-dual-atomik',
  ]) {
    expect(message).toContain(tried)
  }
  expect(message).toContain('`dual-atomic`')
  expect(message).toMatch(/dda\.config\.yaml:9:\d+/)
  expect(refused.error.next).toMatch(/\w/)
  edit('use: dual-atomik', 'use: dual-atomic')
  expect(await ddaHere(project.dir, 'config', 'check')).toMatchObject({ ok: true })
})

test('a plugin file that is not there, is broken, or is no plugin', async () => {
  const use = async (path: string) =>
    (await ddaHere(project.dir, 'config', 'check', '--set', `editor.use=${path}`)).error
  const codes: Record<string, string> = {}
  codes['missing'] = (await use('./nowhere.mjs')).message
  writeFileSync(join(project.dir, 'broken.mjs'), 'export default {')
  codes['broken'] = (await use('./broken.mjs')).message
  writeFileSync(join(project.dir, 'other.mjs'), 'export default { name: "other" }')
  codes['other'] = (await use('./other.mjs')).message
  expect(codes['missing']).toContain('nowhere.mjs')
  expect(codes['broken']).toMatch(/broken\.mjs.*could not be loaded/s)
  expect(codes['other']).toMatch(/other\.mjs.*is not a plugin/s)
})

test('a changed setting does not continue a run; the settings it was begun with do', async () => {
  expect(await ddaHere(project.dir, ...TRAIN, '--steps', '6')).toMatchObject({ ok: true })
  const before = runRecord(project.dir)
  const refused = await ddaHere(project.dir, ...TRAIN, '--set', 'trainer.rate=0.7', '--set', 'seed=5')
  expect(refused).toMatchObject({
    exitCode: 2,
    error: { code: 'DDA_RUN_CONFIG_CHANGED', next: expect.stringMatching(/\w/) },
  })
  expect(refused.error.message).toMatch(/seed.*trainer\.rate/)
  expect(runRecord(project.dir)).toEqual(before)
  expect(await ddaHere(project.dir, ...TRAIN)).toMatchObject({ ok: true, data: { step: 12, resumedFrom: 6 } })
  const allowed = await ddaHere(
    project.dir,
    ...TRAIN,
    '--steps',
    '14',
    '--set',
    'trainer.rate=0.7',
    '--allow-config-change',
  )
  expect(allowed).toMatchObject({ ok: true, data: { step: 14, resumedFrom: 12 } })
  expect(allowed.warnings.join()).toContain('trainer.rate')
})

test('a second process on one run is kept out by name, and the first one does not notice', async () => {
  const args = [...TRAIN, '--steps', '14', '--set', 'trainer.slow=120']
  const first = startDda(project.dir, [...args, '--json'])
  const running = ended(first)
  const lock = join(project.dir, 'runs/run/lock')
  while (!existsSync(lock) && first.exitCode === null) await sleep(5)
  const second = await ddaHere(project.dir, ...args)
  expect(second).toMatchObject({
    exitCode: 3,
    error: { code: 'DDA_RUN_LOCKED', location: lock, next: expect.stringMatching(/another run name|other run name/) },
  })
  expect(second.error.message).toContain(`process ${first.pid}`)
  const ran = await running
  expect(envelope(ran)).toMatchObject({ ok: true, data: { state: 'finished', step: 14 } })
  expect(readJournalFile(project.dir).rollouts).toHaveLength(14 * 12)
  expect(existsSync(lock)).toBe(false)
})

test('the lock of a process that was killed is taken over', async () => {
  const args = [...TRAIN, '--set', 'trainer.slow=150', '--set', 'train.checkpointEvery=1']
  const first = startDda(project.dir, [...args, '--json'])
  const running = ended(first)
  const checkpoint = join(project.dir, 'runs/run/checkpoints/step-000002/checkpoint.json')
  while (!existsSync(checkpoint) && first.exitCode === null) await sleep(5)
  first.kill('SIGKILL')
  await running
  expect(existsSync(join(project.dir, 'runs/run/lock'))).toBe(true)
  const shown = await ddaHere(project.dir, 'runs', 'show', 'run')
  expect(shown.data.pid).toBeUndefined()
  const again = await ddaHere(project.dir, ...args)
  expect(again).toMatchObject({ ok: true, data: { state: 'finished', step: 12 } })
  expect(again.data.resumedFrom).toBeGreaterThanOrEqual(2)
})
