import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { logTail } from './log-tail.ts'

test('the end of a log is read by whole lines, however long the log is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-log-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'log')
  await writeFile(file, 'step:1\nstep:2\nstep:3\n')
  expect(await logTail(file)).toBe('step:1\nstep:2\nstep:3\n')
  expect(await logTail(file, 16)).toBe('step:2\nstep:3\n')
  // Sparse; read whole it would be longer than any text.
  await truncate(file, 2 ** 30)
  await appendFile(file, '\nstep:4\n')
  expect((await logTail(file, 2 ** 20)).trimEnd().split('\n').at(-1)).toBe('step:4')
})
