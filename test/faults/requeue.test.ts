import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { bin, dda, ensureBuilt, envelope, startDda, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { runRecord, type RunRecord } from '../support/records.ts'
import { copyOf, type Folder } from '../support/tiny-tabletop.ts'

// The real thing, process by process, and each waits for the lease of another to run out.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

/* A run whose machine, container or pod is gone, started again elsewhere by the same command, as Slurm and Kubernetes do. */

const TRAIN = ['train', '--name', 'run', '--set', 'trainer.slow=500'] as const
const prepared = tinyProject()
let expected: RunRecord

beforeAll(async () => {
  ensureBuilt()
  expect(await ddaHere(prepared.dir, 'synthesize')).toMatchObject({ ok: true })
  const whole = copyOf(prepared)
  expect(await ddaHere(whole.dir, ...TRAIN)).toMatchObject({ ok: true, data: { step: 12 } })
  expected = runRecord(whole.dir)
  whole.remove()
})
afterAll(() => prepared.remove())

const lockOf = ({ dir }: Folder) => join(dir, 'runs/run/lock')

/** The process is killed without warning once it has a checkpoint. @returns what its lock says, which nobody removed */
async function killed(project: Folder, child: ReturnType<typeof spawn>): Promise<Record<string, unknown>> {
  const closed = once(child, 'close')
  while (!existsSync(join(project.dir, 'runs/run/checkpoints/step-000004'))) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    await sleep(20)
  }
  child.kill('SIGKILL')
  await closed
  return JSON.parse(readFileSync(lockOf(project), 'utf8')) as Record<string, unknown>
}

/** The same command, alone, goes on by itself. */
async function expectToGoOn(project: Folder, who: RegExp): Promise<void> {
  const ran = await dda(project.dir, [...TRAIN, '--json'])
  expect(ran.stderr).toMatch(who)
  expect(envelope(ran)).toMatchObject({ ok: true, data: { state: 'finished', step: 12 } })
  expect(envelope(ran).data.resumedFrom).toBeGreaterThanOrEqual(4)
  expect(runRecord(project.dir).files).toEqual(expected.files)
  expect(runRecord(project.dir).boughtTwice).toEqual([])
  expect(existsSync(lockOf(project))).toBe(false)
}

describe.concurrent('by the same command', () => {
  test.each([
    ['another host', { host: 'pod-7f9c' }, /left locked by process \d+ on pod-7f9c/],
    ['another boot of this host', { place: 'another-boot/pid:[4026531836]' }, /left locked by process/],
    [
      'another container with the name of this host',
      { place: 'this-boot/pid:[1]', pid: 1 },
      /left locked by process 1 on/,
    ],
  ] as const)('after %s', async (_what, holder, who) => {
    const project = copyOf(prepared)
    const lock = await killed(project, startDda(project.dir, TRAIN))
    writeFileSync(lockOf(project), JSON.stringify({ ...lock, ...holder }))
    await expectToGoOn(project, who)
    project.remove()
  })

  const words = ['-rpf', '--kill-child', '--mount-proc'] as const
  const canUnshare = spawnSync('unshare', [...words, 'true']).status === 0
  test.skipIf(!canUnshare)('after a process in a pid namespace of its own, as containers have them', async () => {
    const project = copyOf(prepared)
    const child = spawn('unshare', [...words, process.execPath, bin, ...TRAIN], { cwd: project.dir, stdio: 'ignore' })
    const lock = await killed(project, child)
    // Its number means nothing out here: any process may have it.
    expect(Number(lock['pid'])).toBeLessThan(100)
    await expectToGoOn(project, /left locked by process \d+ on/)
    project.remove()
  })
})
