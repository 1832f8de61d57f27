import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { root, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { readJournalFile, runRecord, type RunRecord } from '../support/records.ts'
import { copyOf, type Folder } from '../support/tiny-tabletop.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const TRAIN = ['train', '--name', 'run'] as const
const EVAL = ['eval', '--thinker', 'thinker', '--name', 'evaluated'] as const

const prepared = tinyProject()
let expected: RunRecord
/** Of a run that has done half of its steps. */
let project: Folder

beforeAll(async () => {
  cpSync(join(root, 'test/fixtures/faulty'), prepared.dir, { recursive: true })
  for (const command of ['synthesize', 'curate'])
    expect(await ddaHere(prepared.dir, command)).toMatchObject({ ok: true })
  const whole = copyOf(prepared)
  expect(await ddaHere(whole.dir, ...TRAIN)).toMatchObject({ ok: true, data: { state: 'finished', step: 8 } })
  expected = runRecord(whole.dir)
  whole.remove()
  await ddaHere(prepared.dir, ...TRAIN, '--steps', '4')
})
beforeEach(() => {
  project = copyOf(prepared)
})
afterEach(() => project.remove())
afterAll(() => prepared.remove())

const fault = () => join(project.dir, 'fault')
const journal = () => readFileSync(join(project.dir, 'runs/run/journal.jsonl'), 'utf8')

/** Whatever broke: what was recorded is still there, and without the bug the same command ends as if it had never been. */
async function expectNothingLost(before: string): Promise<void> {
  expect(journal().startsWith(before)).toBe(true)
  readJournalFile(project.dir)
  rmSync(fault())
  const again = await ddaHere(project.dir, ...TRAIN)
  expect(again, again.stderr).toMatchObject({ ok: true, exitCode: 0, data: { state: 'finished', step: 8 } })
  expect(again.data.resumedFrom).toBeGreaterThanOrEqual(4)
  // What was bought stays bought; a test that emptied the cache has to buy again.
  const { files, boughtTwice } = runRecord(project.dir)
  expect(files).toEqual(expected.files)
  expect(boughtTwice).toEqual([])
}

test.each([
  ['synthesizer.setup', ['synthesize'], 'faulty-synthesizer'],
  ['synthesizer.make', ['synthesize'], 'faulty-synthesizer'],
  ['synthesizer.synthesize', ['synthesize'], 'faulty-synthesizer'],
  ['curator.curate', ['curate'], 'faulty-curator'],
  ['editor.setup', TRAIN, 'faulty-editor'],
  ['judge.make', TRAIN, 'faulty-judge'],
  ['trainer.setup', TRAIN, 'faulty-trainer'],
  ['trainer.load', TRAIN, 'faulty-trainer'],
  ['trainer.update', TRAIN, 'faulty-trainer'],
  ['trainer.save', TRAIN, 'faulty-trainer'],
  ['thinker.setup', EVAL, 'faulty-thinker'],
  ['hook.setup', TRAIN, 'faulty-hook'],
])('%s breaks: the command fails and names it', async (place, command, plugin) => {
  writeFileSync(fault(), place)
  const before = journal()
  const broken = await ddaHere(project.dir, ...command)
  expect(broken, broken.stderr).toMatchObject({
    ok: false,
    exitCode: 3,
    error: { code: 'DDA_PLUGIN_FAILED', plugin, next: expect.stringMatching(/\w+.*\.$/) },
  })
  expect(broken.error.message).toContain(`the bug in ${place}`)
  await expectNothingLost(before)
})

test.each([
  ['synthesize', ['synthesize'], 'train-0'],
  ['curate', ['curate'], 'train-0'],
  ['update', TRAIN, undefined],
])('the %s hook breaks: the command fails and names plugin, hook and sample', async (hook, command, sampleId) => {
  writeFileSync(fault(), `hook.${hook}`)
  const before = journal()
  const broken = await ddaHere(project.dir, ...command)
  expect(broken).toMatchObject({ exitCode: 3, error: { code: 'DDA_PLUGIN_FAILED', plugin: 'faulty-hook', hook } })
  expect(broken.error.sampleId).toBe(sampleId)
  expect(broken.error.next).toMatch(/\w/)
  await expectNothingLost(before)
})

test.each([
  ['editor.edit', 'faulty-editor'],
  ['judge.judge', 'faulty-judge'],
  ['reward.decompose', 'faulty-reward'],
  ['trainer.plan', 'faulty-trainer'],
  ['hook.plan', 'faulty-hook'],
  ['hook.edit', 'faulty-hook'],
  ['hook.judge', 'faulty-hook'],
])('%s breaks for every rollout: none becomes a number, the step is refused', async (place, plugin) => {
  writeFileSync(fault(), place)
  // Edits and verdicts of identical plans are in the cache already: a broken role that is not asked cannot fail.
  rmSync(join(project.dir, 'data/cache'), { recursive: true, force: true })
  const before = journal()
  const broken = await ddaHere(project.dir, ...TRAIN)
  expect(broken, broken.stderr).toMatchObject({
    ok: false,
    exitCode: 5,
    error: { code: 'DDA_STEP_ALL_MASKED', plugin, next: expect.stringMatching(/\w+.*\.$/) },
  })
  expect(broken.error.message).toContain(`the bug in ${place}`)
  const after = readJournalFile(project.dir).rollouts.slice(4 * 12)
  for (const { outcome, reward } of after) {
    expect(outcome).toMatchObject({ kind: 'masked', failure: { kind: 'plugin-error', plugin } })
    expect(reward).toBeUndefined()
  }
  await expectNothingLost(before)
})

test.each([
  ['synthesizer.synthesize', ['synthesize'], 'faulty-synthesizer'],
  ['curator.curate', ['curate'], 'faulty-curator'],
  ['trainer.load', TRAIN, 'faulty-trainer'],
  ['trainer.update', TRAIN, 'faulty-trainer'],
  ['trainer.save', TRAIN, 'faulty-trainer'],
])('%s hangs: the command ends by its deadline and names plugin and call', async (place, command, plugin) => {
  writeFileSync(fault(), `hang ${place}`)
  const before = journal()
  // A second less would do; what else is at work has to come to an end within it.
  const deadlines = ['plan', 'edit', 'judge', 'tap', 'call'].flatMap((one) => ['--set', `engine.deadline.${one}=3`])
  const stuck = await ddaHere(project.dir, ...command, ...deadlines)
  expect(stuck, stuck.stderr).toMatchObject({ ok: false, exitCode: 3, error: { code: 'DDA_PLUGIN_STUCK', plugin } })
  expect(stuck.error.message).toContain(place)
  await expectNothingLost(before)
})

test('an ending that breaks is told after everything else was closed and recorded', async () => {
  writeFileSync(fault(), 'hook.dispose')
  const before = journal()
  const broken = await ddaHere(project.dir, ...TRAIN)
  expect(broken).toMatchObject({
    exitCode: 3,
    error: { code: 'DDA_DISPOSE_FAILED', next: expect.stringMatching(/\w/) },
  })
  expect(broken.error.message).toMatch(/faulty-hook .*the bug in hook\.dispose/)
  expect(runRecord(project.dir).files).toEqual(expected.files)
  await expectNothingLost(before)
})

test('a Thinker that breaks masks its evaluation, which says so', async () => {
  writeFileSync(fault(), 'thinker.plan')
  const before = journal()
  const broken = await ddaHere(project.dir, ...EVAL)
  expect(broken).toMatchObject({
    ok: false,
    exitCode: 5,
    data: { thinkers: { thinker: { samples: 9, scored: 0, masked: 9, maskedByKind: { 'plugin-error': 9 } } } },
  })
  expect(broken.data.thinkers.thinker).not.toHaveProperty('solved')
  const [first] = readJournalFile(project.dir, 'evaluated').rollouts
  expect(first?.outcome).toMatchObject({
    failure: { plugin: 'faulty-thinker', message: expect.stringContaining('the bug in thinker.plan') },
  })
  await expectNothingLost(before)
})
