import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readWhole, readWholeJson, readWholeSync } from './read-whole.ts'

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

test('JSON is read with or without a byte order mark', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-whole-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const mark of ['', '\uFEFF']) {
    await writeFile(join(folder, 'file'), `${mark}{"a": 1}`)
    expect(await readWholeJson(join(folder, 'file'))).toEqual({ a: 1 })
  }
})

test.skipIf(process.platform === 'win32')(
  'what has no size is read to its end, and no further than files are',
  async () => {
    const all = 'more than fits into one piece '.repeat(10_000)
    const folder = await mkdtemp(join(tmpdir(), 'dda-whole-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const pipe = join(folder, 'pipe')
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
    const [read] = await Promise.all([readWhole(pipe), writeFile(pipe, all)])
    expect(read.toString()).toBe(all)
    await expect(readWhole(pipe)).rejects.toThrow('a pipe into which nobody writes')
    await expect(readWhole('/dev/zero', 2 ** 20)).rejects.toThrow('more than the 1048576 bytes that are read')
    expect(() => readWholeSync('/dev/zero', 2 ** 20)).toThrow('more than the 1048576 bytes')
  },
)
