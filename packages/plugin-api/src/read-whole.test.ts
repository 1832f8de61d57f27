import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readWhole, readWholeSync } from './read-whole.ts'

test('a file is read whole, and one that is longer than it can be not at all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-whole-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'file')
  await writeFile(file, 'words')
  expect((await readWhole(file)).toString()).toBe('words')
  expect(readWholeSync(file, 5).toString()).toBe('words')
  // Sparse: it takes no room, and would take 5 GiB of memory.
  await truncate(file, 5 * 2 ** 30)
  await expect(readWhole(file)).rejects.toThrow('it has 5368709120 bytes, and no more than 268435456 are read')
  expect(() => readWholeSync(file)).toThrow('5368709120')
  await expect(readWhole(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
})
