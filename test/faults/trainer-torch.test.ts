import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { bin, ended, ensureBuilt, type Parsed, root } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { readJournalFile, runRecord, type RunRecord } from '../support/records.ts'
import { copyOf, type Folder } from '../support/tiny-tabletop.ts'
import { buildModel, python, tinyTorch, withoutPython } from '../support/tiny-torch.ts'
import { coldVenv } from '../support/warm-python.ts'

// The real worker, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 1_800_000, hookTimeout: 1_800_000 })

const TRAIN = ['train', '--name', 'run'] as const
const STEPS = 4
/** Steps that a checkpoint holds before anything goes wrong. */
const SAFE = 2

describe.skipIf(python === undefined)(`what may go wrong with a PyTorch trainer${withoutPython}`, () => {
  let prepared: Folder
  let project: Folder
  let expected: RunRecord
  let kept: RunRecord

  beforeAll(async () => {
    ensureBuilt('world')
    prepared = await tinyTorch(
      'freezeVision: false\nmaxPlan: 8\nminiBatch: 2\nlearningRate: 0.01\nkl: { place: off }',
      `steps: ${STEPS}, samplesPerStep: 2, groupSize: 2, checkpointEvery: ${SAFE}, maxStaleness: 0`,
    )
    buildModel(join(prepared.dir, 'text'), 'qwen2')
    const begun = await ddaHere(prepared.dir, ...TRAIN, '--steps', String(SAFE))
    expect(begun, JSON.stringify(begun.error)).toMatchObject({ ok: true, data: { step: SAFE } })
    kept = runRecord(prepared.dir)
    const whole = copyOf(prepared)
    expect(await ddaHere(whole.dir, ...TRAIN)).toMatchObject({ ok: true, data: { step: STEPS, resumedFrom: SAFE } })
    expected = runRecord(whole.dir)
    whole.remove()
  })
  beforeEach(() => {
    project = copyOf(prepared)
  })
  afterEach(() => project.remove())
  afterAll(() => prepared.remove())

  /** What the run had before the fault is there, byte for byte, and every line of the journal is whole. */
  function expectIntact(dir: string): void {
    const now = runRecord(dir)
    const checkpoints = (files: RunRecord['files']) =>
      Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith('checkpoints/')))
    expect(checkpoints(now.files)).toEqual(checkpoints(kept.files))
    expect(
      readJournalFile(dir)
        .steps.map(({ step }) => step)
        .slice(0, SAFE),
    ).toEqual([1, 2])
  }

  async function expectToEndAsExpected(): Promise<void> {
    const again = await ddaHere(project.dir, ...TRAIN)
    expect(again, again.stderr).toMatchObject({ ok: true, data: { state: 'finished', step: STEPS } })
    expect(sound(runRecord(project.dir))).toEqual(sound(expected))
  }

  test.each([
    [
      'a folder that is not there',
      ['--set', 'trainer.model=./nowhere'],
      3,
      'DDA_MODEL_NOT_FOUND',
      /name of the folder/,
    ],
    [
      'a name that the hub does not know',
      ['--set', 'trainer.model=nobody/no-such-model'],
      3,
      'DDA_MODEL_NOT_FOUND',
      /Check the name/,
    ],
    ['a GPU that is not there', ['--set', 'trainer.device=cuda:99'], 2, 'DDA_CONFIG_INVALID', /`device`.*driver/],
  ])('%s is told before anything is touched', async (_what, options, exitCode, code, next) => {
    vi.stubEnv('HF_HUB_OFFLINE', '1')
    const refused = await ddaHere(project.dir, ...TRAIN, ...options)
    vi.unstubAllEnvs()
    expect(refused).toMatchObject({ ok: false, exitCode, error: { code, next: expect.stringMatching(next) } })
    expect(runRecord(project.dir)).toEqual(kept)
  })

  test('a model that reads text alone ends the run at the first picture, instead of masking every rollout', async () => {
    const refused = await ddaHere(project.dir, 'train', '--name', 'text', '--set', 'trainer.model=./text')
    expect(refused).toMatchObject({
      ok: false,
      exitCode: 3,
      error: { code: 'DDA_MODEL_TEXT_ONLY', sampleId: expect.any(String), next: expect.stringMatching(/image-text/) },
    })
    expect(readJournalFile(project.dir, 'text').steps).toEqual([])
    expect(runRecord(project.dir).files).toEqual(kept.files)
  })

  /** Continues the run; the worker is broken after so many optimiser steps, of which an update has two. */
  async function breakAt(step: number, how: 'kill' | 'cuda' = 'kill'): Promise<Parsed> {
    const told = join(project.dir, 'broken')
    vi.stubEnv('PYTHONPATH', join(root, 'test/support/broken-worker'))
    vi.stubEnv('DDA_TEST_BREAK', how)
    vi.stubEnv('DDA_TEST_BREAK_AT', String(step))
    vi.stubEnv('DDA_TEST_BROKEN', told)
    const ran = await ddaHere(project.dir, ...TRAIN)
    vi.unstubAllEnvs()
    expect(existsSync(told)).toBe(true)
    return ran
  }

  test.skipIf(process.platform === 'win32')(
    'a worker killed in the update after a checkpoint: another does the step again, and the run ends as ever',
    async () => {
      const ran = await breakAt(1)
      expect(ran, ran.stderr).toMatchObject({ ok: true, data: { state: 'finished', step: STEPS, resumedFrom: SAFE } })
      expect(ran.stderr).toContain('The step is made again from the state before it')
      expect(sound(runRecord(project.dir))).toEqual(sound(expected))
    },
  )

  test.skipIf(process.platform === 'win32')(
    'a worker killed with updates that no checkpoint holds: a coded end, and the same command ends as ever',
    async () => {
      const ran = await breakAt(3)
      expect(ran, ran.stderr).toMatchObject({
        ok: false,
        exitCode: 3,
        error: { code: 'DDA_WORKER_DIED', next: expect.stringMatching(/same command again/) },
      })
      expect(ran.error.message).toContain('by SIGKILL')
      expectIntact(project.dir)
      await expectToEndAsExpected()
    },
  )

  test('a device that fails in an update: a coded end, and the same command ends as ever', async () => {
    const ran = await breakAt(3, 'cuda')
    expect(ran, ran.stderr).toMatchObject({
      ok: false,
      exitCode: 3,
      error: { code: 'DDA_CUDA_ERROR', next: expect.stringMatching(/same command again/) },
    })
    expect(ran.error.message).toContain('illegal memory access')
    expectIntact(project.dir)
    await expectToEndAsExpected()
  })

  /** Mounts inside a user namespace need no rights, where the kernel allows them. */
  const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

  test.skipIf(!canMount)('a disk that has no room for the next checkpoint: the last one is whole', async () => {
    const out = join(project.dir, 'out')
    mkdirSync(out)
    const script = `
      cp -r runs/run/checkpoints last
      size=$(du -sk last | cut -f1)
      mount -t tmpfs -o size=$(( size + size / 2 ))k none runs/run/checkpoints
      cp -r last/. runs/run/checkpoints/
      "$NODE" "$DDA" train --name run --json >"$OUT/full.json" || true
      cp -r runs data "$OUT/"`
    const child = spawn('unshare', ['-rm', 'sh', '-eu', '-c', script], {
      cwd: project.dir,
      // What is forked from another process would not see what is mounted here.
      env: { ...process.env, DDA_VENV: coldVenv(), OUT: out, NODE: process.execPath, DDA: bin },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ran = await ended(child)
    expect(ran.code, ran.stderr).toBe(0)
    const full = JSON.parse(readFileSync(join(out, 'full.json'), 'utf8')) as Parsed
    expect(full).toMatchObject({ ok: false, exitCode: 3, error: { code: 'DDA_DISK_FULL' } })
    expectIntact(out)
    // The same run, on a disk with room.
    rmSync(join(project.dir, 'runs'), { recursive: true })
    execFileSync('cp', ['-r', join(out, 'runs'), join(project.dir, 'runs')])
    await expectToEndAsExpected()
  })
})

/** A record without what tells how often a run was interrupted. */
function sound({ files, bought, pictures }: RunRecord): Pick<RunRecord, 'files' | 'bought' | 'pictures'> {
  return { files, bought, pictures }
}
