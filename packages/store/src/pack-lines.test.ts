import { execFileSync } from 'node:child_process'
import { appendFile, mkdtemp, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mulberry32 } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { fullDisk } from '../../../test/support/full-disk.ts'
import { collect, readLines, readLinesWithEnds } from './lines.ts'
import { packLines, unpackLines } from './pack-lines.ts'
import { StoredLines } from './stored-lines.ts'
import { textChunks, textFacts } from './text-file.ts'

interface Line {
  readonly id: number
  readonly text: string
}

/** Lines of every length, some longer than a block, some that cannot be packed. */
async function linesFile(count: number) {
  const dir = await mkdtemp(join(tmpdir(), 'dda-pack-'))
  const path = join(dir, 'journal.jsonl')
  const random = mulberry32(count)
  const lines: Line[] = Array.from({ length: count }, (_, id) => {
    const length = id === 7 ? 200_000 : Math.floor(random() * 4000)
    const text =
      id % 5 === 0 ? Array.from({ length }, () => String.fromCharCode(33 + random() * 90)).join('') : 'é'.repeat(length)
    return { id, text }
  })
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return { dir, path, lines, plain: await readFile(path) }
}

async function stored(path: string): Promise<StoredLines<Line>> {
  const found = new StoredLines<Line>(path)
  let start = 0
  for await (const { end } of readLinesWithEnds(path)) {
    found.add(start, end)
    start = end
  }
  return found
}

test('packed lines are read as plain ones, from any place, by gunzip too, and come back byte by byte', async () => {
  const { dir, path, lines, plain } = await linesFile(400)
  const ends = async () => (await collect(readLinesWithEnds(path))).map(({ end }) => end)
  const [facts, before] = [textFacts(path), await ends()]
  const packing = await packLines(path)
  expect(packing).toMatchObject({ plain: plain.length })
  expect(packing?.packed).toBeLessThan(plain.length / 2)
  expect(await readdir(dir)).toEqual(['journal.jsonl.gz'])
  expect(textFacts(path)).toMatchObject({ size: facts?.size, isPacked: true })
  expect(await ends()).toEqual(before)
  const list = await stored(path)
  for (const place of [399, 0, 7, 6, 8, 200]) expect(list.at(place)).toEqual(lines[place])
  expect([...list]).toEqual(lines)
  for (const from of [0, 1, 0xff00, 0xff01, plain.length - 1, plain.length]) {
    expect(Buffer.concat(await collect(textChunks(path, from))).equals(plain.subarray(from))).toBe(true)
  }
  if (process.platform !== 'win32')
    expect(execFileSync('gunzip', ['-c', `${path}.gz`], { maxBuffer: 2 ** 26 }).equals(plain)).toBe(true)
  // There is nothing more to be packed.
  expect(await packLines(path)).toBeUndefined()
  await unpackLines(path)
  expect(await readdir(dir)).toEqual(['journal.jsonl'])
  expect((await readFile(path)).equals(plain)).toBe(true)
  await unpackLines(path)
  await expect(packLines(join(dir, 'nothing'))).resolves.toBeUndefined()
})

test('an empty file, and a torn last line, stay what they are', async () => {
  const { path, plain } = await linesFile(3)
  await appendFile(path, '{"id":')
  await packLines(path)
  expect(await collect(readLines(path))).toHaveLength(3)
  await unpackLines(path)
  expect(await readFile(path, 'utf8')).toBe(`${plain.toString()}{"id":`)
  await truncate(path)
  await packLines(path)
  expect(await collect(readLines(path))).toEqual([])
  await unpackLines(path)
  expect(await readFile(path, 'utf8')).toBe('')
})

test('damage is told with its place; where a kill left both forms the plain one counts', async () => {
  const { path, plain } = await linesFile(400)
  await packLines(path)
  const packed = await readFile(`${path}.gz`)
  for (const at of [40, packed.length - 40]) {
    const spoiled = Buffer.from(packed)
    spoiled.writeUInt8((spoiled[at] ?? 0) ^ 255, at)
    await writeFile(`${path}.gz`, spoiled)
    await expect(collect(readLines(path))).rejects.toMatchObject({ code: 'DDA_DATA_CORRUPT' })
  }
  // Also one that lost its end exactly behind a block.
  await writeFile(`${path}.gz`, packed.subarray(0, -28))
  await expect(collect(readLines(path))).rejects.toMatchObject({ code: 'DDA_DATA_CORRUPT' })
  await writeFile(path, plain)
  expect(await collect(readLines(path))).toHaveLength(400)
  await unpackLines(path)
  expect((await readFile(path)).equals(plain)).toBe(true)
})

test('on a full disk nothing is lost, either way', async () => {
  const { dir, path, plain } = await linesFile(50)
  const disk = fullDisk()
  disk.room = 1000
  await expect(packLines(path, disk.files)).rejects.toMatchObject({ code: 'DDA_DISK_FULL' })
  expect(await readdir(dir)).toEqual(['journal.jsonl'])
  await packLines(path)
  disk.room = 1000
  await expect(unpackLines(path, disk.files)).rejects.toMatchObject({ code: 'DDA_DISK_FULL' })
  expect(await readdir(dir)).toEqual(['journal.jsonl.gz'])
  await unpackLines(path)
  expect((await readFile(path)).equals(plain)).toBe(true)
})

test('whoever holds places in a file that is packed or unpacked meanwhile is told', async () => {
  const { path, lines } = await linesFile(400)
  const [plain, unread] = [await stored(path), await stored(path)]
  expect(plain.at(3)).toEqual(lines[3])
  await packLines(path)
  expect(() => plain.at(3)).toThrow(expect.objectContaining({ code: 'DDA_DATA_CHANGED' }))
  const packed = await stored(path)
  expect([packed.at(3), unread.at(3)]).toEqual([lines[3], lines[3]])
  await unpackLines(path)
  // Another part than the one that is held unpacked.
  expect(() => packed.at(390)).toThrow(expect.objectContaining({ code: 'DDA_DATA_CHANGED' }))
})
