import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fullDisk } from '../../../test/support/full-disk.ts'
import { replaceLines } from './replace-lines.ts'

const TEXT = '"one"\n"zwölf"\n"three"\n'

async function file(text = TEXT): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'dda-lines-'))
  const path = join(folder, 'log.jsonl')
  await writeFile(path, text)
  return { folder, path }
}

test('lines take the place of others, longer or shorter, first and last too', async () => {
  const { folder, path } = await file()
  await replaceLines(path, [
    { start: 0, end: 6, json: '"a longer one"' },
    { start: 15, end: 23, json: '"\u2028"' },
  ])
  expect(await readFile(path, 'utf8')).toBe('"a longer one"\n"zwölf"\n"\\u2028"\n')
  expect(await readdir(folder)).toEqual(['log.jsonl'])
})

test('files of more than a chunk come through whole', async () => {
  const long = `"${'x'.repeat(3 << 20)}"\n`
  const { path } = await file(`${long}"b"\n${long}`)
  await replaceLines(path, [{ start: long.length, end: long.length + 4, json: '"c"' }])
  expect((await readFile(path, 'utf8')) === `${long}"c"\n${long}`).toBe(true)
})

test('a full disk leaves the file as it was, and nothing beside it', async () => {
  const { folder, path } = await file()
  const disk = fullDisk()
  disk.room = 10
  const replaced = replaceLines(path, [{ start: 6, end: 15, json: '"two"' }], disk.files)
  await expect(replaced).rejects.toMatchObject({ code: 'DDA_DISK_FULL' })
  expect(await readFile(path, 'utf8')).toBe(TEXT)
  expect(await readdir(folder)).toEqual(['log.jsonl'])
})
