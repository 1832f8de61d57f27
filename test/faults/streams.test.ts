import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { bin, ended, ensureBuilt, startDda, tinyProject } from '../support/dda.ts'
import { ddaHere } from '../support/in-process.ts'
import { runRecord } from '../support/records.ts'
import { copyOf, type Folder } from '../support/tiny-tabletop.ts'

// The real thing, process by process: slow where the machine is busy.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

/* What happens to a command whose words nobody reads any more, or cannot be written. */

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

test('a reader of the standard output that leaves has seen enough: no trace, and status 0', async () => {
  const child = startDda(project.dir, ['--help'])
  child.stdout?.destroy()
  expect(await ended(child)).toMatchObject({ code: 0, stderr: '' })
})

test('a run goes on to its end when nobody reads its progress any more', async () => {
  expect(await ddaHere(project.dir, 'train', '--name', 'read')).toMatchObject({ ok: true })
  const child = startDda(project.dir, ['train', '--name', 'unread'])
  await once(child.stderr ?? child, 'data')
  child.stderr?.destroy()
  expect(await ended(child)).toMatchObject({ code: 0 })
  expect(runRecord(project.dir, 'unread')).toEqual(runRecord(project.dir, 'read'))
})

test.skipIf(process.platform !== 'linux').each([
  ['progress', 'ignore', 2, 0],
  ['the result', 'pipe', 1, 3],
] as const)('a full disk under %s', async (_what, other, full, code) => {
  const device = openSync('/dev/full', 'w')
  const stdio = ['ignore', full === 1 ? device : other, full === 2 ? device : other] as const
  const child = spawn(process.execPath, [bin, 'train', '--json'], { cwd: project.dir, stdio: [...stdio] })
  closeSync(device)
  const ran = await ended(child)
  expect(ran.code).toBe(code)
  if (full === 1) expect(ran.stderr).toMatch(/DDA_DISK_FULL[\s\S]*standard output/)
  expect(await ddaHere(project.dir, 'runs')).toMatchObject({ data: { runs: [{ state: 'finished' }] } })
})
