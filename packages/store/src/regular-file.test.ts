import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { appendLines } from './append-lines.ts'
import { AppendLog } from './append-log.ts'
import { ResultCache } from './cache.ts'
import { hashOfFile, hashOfStart } from './file-hash.ts'
import { collect, readLines } from './lines.ts'
import { packLines } from './pack-lines.ts'
import { fileChunks } from './regular-file.ts'
import { replaceLines } from './replace-lines.ts'
import { StoredLines } from './stored-lines.ts'
import { TextReader } from './text-file.ts'

const KEY = '0'.repeat(32)

/** All that reads or goes on writing a file of ours. */
const WAYS: Readonly<Record<string, (path: string) => unknown>> = {
  'lines that are read': (path) => collect(readLines(path)),
  'lines that are read again': (path) => {
    const lines = new StoredLines(path)
    lines.add(0, 2)
    return [...lines]
  },
  'a place that is read': (path) => new TextReader(path).read(0, 1),
  'lines that are appended': (path) => appendLines(path, ['1']),
  'a log that goes on': async (path) => (await AppendLog.open(path)).close(),
  'lines that are replaced': (path) => replaceLines(path, [{ start: 0, end: 1, json: '1' }]),
  'lines that are packed': (path) => packLines(path),
  'a file that is hashed': (path) => hashOfFile(path),
  'a beginning that is hashed': (path) => hashOfStart(path, 8),
  'a segment of the cache': async (path) => (await ResultCache.open(join(path, '..'))).find(KEY),
}

describe.skipIf(process.platform !== 'linux')('what is no regular file is told, and nothing is read of it', () => {
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'dda-regular-'))
    onTestFinished(() => rmSync(made, { recursive: true, force: true }))
    return join(made, 'segment-000001.jsonl')
  }
  test.each(Object.entries(WAYS))('%s', async (_what, way) => {
    const device = folder()
    symlinkSync('/dev/zero', device)
    const told = { code: 'DDA_FILE_SYSTEM', message: `${device} is no file but a device`, location: device }
    await expect((async () => way(device))()).rejects.toMatchObject(told)
    const pipe = folder()
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
    const message = `${pipe} is no file but a pipe`
    await expect((async () => way(pipe))()).rejects.toMatchObject({ code: 'DDA_FILE_SYSTEM', message })
  })
})

test('a link to a file is read like the file, from and to any place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dda-regular-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [file, link] = [join(folder, 'file'), join(folder, 'link')]
  writeFileSync(file, '0123456789')
  symlinkSync(file, link)
  const read = async (...[options]: [Parameters<typeof fileChunks>[1]?]) =>
    Buffer.concat(await collect(fileChunks(link, options))).toString()
  expect(await read()).toBe('0123456789')
  expect(await read({ start: 3, end: 6, highWaterMark: 2 })).toBe('3456')
  expect(await read({ start: 10 })).toBe('')
  mkdirSync(join(folder, 'folder'))
  await expect(collect(fileChunks(join(folder, 'folder')))).rejects.toThrow('is no file but a folder')
})
