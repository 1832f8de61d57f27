import { appendFile, type FileHandle, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fullDisk } from '../../../test/support/full-disk.ts'
import { AppendLog } from './append-log.ts'
import { nodeFiles } from './files.ts'

const file = async () => join(await mkdtemp(join(tmpdir(), 'dda-log-')), 'deep', 'log.jsonl')

test('lines come out as they went in; each knows its offset', async () => {
  const path = await file()
  const log = await AppendLog.open(path)
  expect([log.append('one'), log.append('zwölf'), log.append('three')]).toEqual([0, 4, 11])
  expect(log.buffered).toBe(17)
  await log.flush()
  expect(log.buffered).toBe(0)
  log.append('four')
  await log.close()
  expect(await readFile(path, 'utf8')).toBe('one\nzwölf\nthree\nfour\n')
})

test('a torn last line is dropped, also a very long one; `keep` cuts further', async () => {
  const path = await file()
  const log = await AppendLog.open(path)
  log.append('one')
  log.append('two')
  await log.sync()
  await log.close()
  await appendFile(path, 'x'.repeat(200_000))
  const torn = await AppendLog.open(path)
  expect(torn.size).toBe(8)
  torn.append('three')
  await torn.close()
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\nthree\n')
  await (await AppendLog.open(path, { keep: 4 })).close()
  expect(await readFile(path, 'utf8')).toBe('one\n')
  await appendFile(path, 'torn')
  await (await AppendLog.open(path, { keep: 0 })).close()
  expect(await readFile(path, 'utf8')).toBe('')
})

test('after a full disk the file holds whole writes only, and every call says why', async () => {
  const path = await file()
  const disk = fullDisk()
  const log = await AppendLog.open(path, { files: disk.files })
  log.append('one')
  await log.flush()
  disk.room = 5
  log.append('this does not fit')
  await expect(log.flush()).rejects.toMatchObject({
    code: 'DDA_DISK_FULL',
    message: expect.stringContaining(path) as string,
  })
  expect(() => log.append('three')).toThrow(expect.objectContaining({ code: 'DDA_DISK_FULL' }))
  await expect(log.close()).rejects.toMatchObject({ code: 'DDA_DISK_FULL' })
  expect(await readFile(path, 'utf8')).toBe('one\n')
})

test('a log whose lines cannot be hashed does not stay open', async () => {
  const path = await file()
  const first = await AppendLog.open(path)
  first.append('one')
  await first.close()
  let handle: FileHandle | undefined
  const open: typeof nodeFiles.open = async (name, flags) => {
    const opened = await nodeFiles.open(name, flags)
    if (flags === 'a') {
      handle = opened
      await rm(path)
    }
    return opened
  }
  const options = { hashed: true, files: { ...nodeFiles, open } }
  await expect(AppendLog.open(path, options)).rejects.toMatchObject({ code: 'DDA_FILE_SYSTEM' })
  expect(handle?.fd).toBe(-1)
})
