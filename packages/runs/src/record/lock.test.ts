import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockRun, withRunLock } from './lock.ts'

const FAST = { renewEvery: 20, expireAfter: 200 }
/** Of another machine. */
const ELSEWHERE = { pid: 1, host: 'elsewhere', token: 'far' }

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dda-lock-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'lock')
}

test('a run that was taken over ends, and says so', async () => {
  const path = await place()
  const runDir = dirname(path)
  const work = withRunLock(runDir, { warn: () => undefined, lease: FAST }, async (signal) => {
    await writeFile(path, JSON.stringify(ELSEWHERE))
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  })
  await expect(work).rejects.toMatchObject({ code: 'DDA_RUN_LOST' })
  // What is not ours is left alone.
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(ELSEWHERE)
})

test('where a lock cannot be made, the folder is named', async () => {
  const path = await place()
  await writeFile(path, '')
  await expect(lockRun(path)).rejects.toMatchObject({ code: 'DDA_FILE_SYSTEM' })
  await rm(path)
  await mkdir(path)
  await expect(lockRun(dirname(path))).rejects.toMatchObject({ code: 'DDA_FILE_SYSTEM' })
})

test('what a killed process was writing of a checkpoint goes with the next lock, and nothing else does', async () => {
  const runDir = await mkdtemp(join(tmpdir(), 'dda-lease-'))
  onTestFinished(() => rm(runDir, { recursive: true, force: true }))
  for (const name of ['.tmp-step-000004-4242/trainer', 'step-000002/trainer']) {
    await mkdir(join(runDir, 'checkpoints', name), { recursive: true })
    await writeFile(join(runDir, 'checkpoints', name, 'weights'), 'half')
  }
  await (await lockRun(runDir)).release()
  expect(await readdir(join(runDir, 'checkpoints'))).toEqual(['step-000002'])
})
