import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { AppendLog } from './append-log.ts'
import { hashOfFile, hashOfStart } from './file-hash.ts'

/** Linux: files in memory, where a hole is read without first being put into pages. */
const MEMORY = '/dev/shm'

async function newFile(at = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(at, 'dda-hash-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'file')
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('a file over 2 GiB is hashed, and memory does not grow with it', async () => {
  const path = await newFile(existsSync(MEMORY) ? MEMORY : tmpdir())
  const handle = await open(path, 'w')
  // A hole: it takes no room on the disk.
  await handle.truncate(2 ** 31 + 5)
  await handle.close()
  const before = process.memoryUsage().rss
  // Of 2^31 + 5 zeros, as sha256sum says.
  expect(await hashOfFile(path)).toBe('68bdfcb656af3067b8110b5cc839b4e12b180ef11e86011b8df4a709fe2c2f67')
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20)
})

test('the hash of a beginning, and of a log that is continued', async () => {
  const path = await newFile()
  await writeFile(path, '1\n2\n3\n')
  expect(await hashOfStart(path, 4)).toBe(sha256('1\n2\n'))
  expect(await hashOfStart(path, 0)).toBe(sha256(''))
  const log = await AppendLog.open(path, { keep: 4, hashed: true })
  expect(log.sha256).toBe(sha256('1\n2\n'))
  log.append('"\u2028"')
  expect(log.sha256).toBe(sha256('1\n2\n"\\u2028"\n'))
  log.append('4')
  await log.close()
  expect(await hashOfFile(path)).toBe(log.sha256)
  const plain = await AppendLog.open(path)
  expect(plain.sha256).toBeUndefined()
  await plain.close()
})
