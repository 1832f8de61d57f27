import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { AppendLog } from './append-log.ts'
import { collect, jsonLine, oneLine, readLines, readLinesWithEnds } from './lines.ts'

async function fileOf(content: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dda-lines-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'lines.jsonl')
  await writeFile(path, content)
  return path
}

const SEPARATORS = 'a\u2028b\u2029c\u0085d\u000be\u000cf'

test('only a line feed ends a line, whatever else stands in a text', async () => {
  const values = [{ text: SEPARATORS }, { text: 'zwölf' }, { text: '🍌' }]
  expect(await collect(readLines(await fileOf(values.map((value) => `${JSON.stringify(value)}\n`).join(''))))).toEqual(
    values,
  )
})

test('half a character becomes the sign for one that is unknown; whole ones, and backslashes that are text, stay', () => {
  const text = 'a\ud800 b\udc00 🍌 \\ud800 \\\\ud800'
  expect(JSON.parse(jsonLine({ text }))).toEqual({ text: 'a\ufffd b\ufffd 🍌 \\ud800 \\\\ud800' })
  expect(jsonLine({ text })).not.toMatch(/[^\\]\\ud8/)
  // As other programs write it: a pair escaped, and three halves.
  const foreign = String.raw`{"a":"\ud83c\uDF4C","b":"\ud83c\ud83c\udf4c"}`
  expect(JSON.parse(oneLine(foreign))).toEqual({ a: '🍌', b: '\ufffd🍌' })
})

test('what is written holds no character at which other programs end lines', async () => {
  const path = await fileOf('')
  const log = await AppendLog.open(path)
  const offset = log.append(JSON.stringify({ text: SEPARATORS }))
  log.append(JSON.stringify('next'))
  await log.close()
  expect(offset).toBe(0)
  expect(jsonLine({ text: SEPARATORS })).not.toMatch(/[\u2028\u2029]/)
  expect(await collect(readLinesWithEnds(path))).toEqual([
    { value: { text: SEPARATORS }, end: Buffer.byteLength(jsonLine({ text: SEPARATORS })) + 1 },
    { value: 'next', end: log.size },
  ])
})

test('a byte order mark, carriage returns and empty lines are no part of the values', async () => {
  expect(await collect(readLines(await fileOf('\uFEFF{"a":1}\r\n\r\n{"a":2}\r\n\n'), { whole: true }))).toEqual([
    { a: 1 },
    { a: 2 },
  ])
  expect(await collect(readLines(await fileOf('\uFEFF')))).toEqual([])
})

test('lines and characters may lie across the chunks in which a file is read', async () => {
  const values = Array.from({ length: 40 }, (_, i) => 'ä€🍌'.repeat(i * 900))
  const path = await fileOf(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
  const read = await collect(readLinesWithEnds<string>(path))
  expect(read.map(({ value }) => value)).toEqual(values)
  let end = 0
  for (const [i, value] of values.entries()) {
    end += Buffer.byteLength(JSON.stringify(value)) + 1
    expect(read[i]?.end).toBe(end)
  }
})

test('a last line without its end is not there yet, in a file that grows; in a whole one it counts', async () => {
  const path = await fileOf('1\n2')
  expect(await collect(readLines(path))).toEqual([1])
  expect(await collect(readLines(path, { whole: true }))).toEqual([1, 2])
  const log = await AppendLog.open(path)
  log.append('3')
  await log.close()
  expect(await collect(readLines(path))).toEqual([1, 3])
})

test('a broken line is named; only the last one of a growing file may be torn', async () => {
  const torn = await fileOf('1\n{"a":')
  expect(await collect(readLines(torn))).toEqual([1])
  await expect(collect(readLines(torn, { whole: true }))).rejects.toMatchObject({
    code: 'DDA_DATA_CORRUPT',
    location: `${torn}:2:1`,
  })
  const middle = await fileOf('1\n{"a":\n3\n')
  await expect(collect(readLines(middle))).rejects.toMatchObject({
    code: 'DDA_DATA_CORRUPT',
    location: `${middle}:2:1`,
  })
})

test('a file that is not there has no lines', async () => {
  expect(await collect(readLines(join(tmpdir(), 'dda-no-such-file.jsonl')))).toEqual([])
})

test('a line that is longer than any is broken, and never held', async () => {
  const path = await fileOf('1\n')
  // Zeros, as some file systems leave them behind where power fails.
  await truncate(path, 700 * 2 ** 20)
  await appendFile(path, '\n2\n')
  const before = process.memoryUsage().rss
  await expect(collect(readLines(path))).rejects.toMatchObject({ code: 'DDA_DATA_CORRUPT', location: `${path}:2:1` })
  const broken: string[] = []
  expect(await collect(readLines(path, { onBroken: ({ message }) => broken.push(message) }))).toEqual([1, 2])
  expect(broken).toEqual([`Line 2 of ${path} is not what stands there: it is longer than 268435456 bytes`])
  expect(process.memoryUsage().rss - before).toBeLessThan(500 * 2 ** 20)
})

test('where every line has to be sound, nothing behind one that is too long is read', async () => {
  const path = await fileOf('1\n')
  // Takes no room, and a quarter of an hour to read.
  await truncate(path, 2 ** 40)
  await expect(collect(readLines(path, { whole: true }))).rejects.toMatchObject({
    code: 'DDA_DATA_CORRUPT',
    location: `${path}:2:1`,
  })
})
