import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fullDisk } from '../../../test/support/full-disk.ts'
import { appendLines } from './append-lines.ts'
import { nodeFiles } from './files.ts'

const newFile = async () => join(await mkdtemp(join(tmpdir(), 'append-lines-')), 'at/lines.jsonl')

test('a line that comes while another is about to be appended stays', async () => {
  const path = await newFile()
  await appendLines(path, ['{"n":0}'])
  // Between its look at the file and its write.
  const slow: typeof nodeFiles = {
    ...nodeFiles,
    async open(...given) {
      const handle = await nodeFiles.open(...given)
      const write = handle.writeFile.bind(handle)
      handle.writeFile = async (text) => {
        await appendLines(path, ['{"n":1}', '{"n":2}'])
        return write(text)
      }
      return handle
    },
  }
  await appendLines(path, ['{"n":3}'], slow)
  expect(await readFile(path, 'utf8')).toBe('{"n":0}\n{"n":1}\n{"n":2}\n{"n":3}\n')
})

test('behind a line that another process is still writing there is no empty one', async () => {
  const path = await newFile()
  await appendLines(path, ['{"n":0}'])
  await appendFile(path, '{"n":')
  let asked = 0
  // First for what kind of file it is, then for its end, twice: it is whole by then.
  const watched: typeof nodeFiles = {
    ...nodeFiles,
    async open(...given) {
      const handle = await nodeFiles.open(...given)
      const stat = handle.stat.bind(handle)
      handle.stat = (async () => {
        const seen = await stat()
        asked += 1
        if (asked === 2) await appendFile(path, '1}\n')
        return seen
      }) as typeof handle.stat
      return handle
    },
  }
  await appendLines(path, ['{"n":2}'], watched)
  expect(await readFile(path, 'utf8')).toBe('{"n":0}\n{"n":1}\n{"n":2}\n')
  expect(asked).toBe(3)
})

test('of many at the same time none is lost', async () => {
  const path = await newFile()
  const lines = Array.from({ length: 200 }, (_, n) => JSON.stringify({ n }))
  await Promise.all(lines.map((line) => appendLines(path, [line])))
  expect((await readFile(path, 'utf8')).split('\n').toSorted()).toEqual(['', ...lines].toSorted())
})

test('the part of a line that a killed writer left is a line of its own, and a separator within a text ends none', async () => {
  const path = await newFile()
  await appendLines(path, ['{"n":0}'])
  await writeFile(path, '{"n":', { flag: 'a' })
  await appendLines(path, [JSON.stringify({ text: 'a\u2028b' })])
  expect(await readFile(path, 'utf8')).toBe('{"n":0}\n{"n":\n{"text":"a\\u2028b"}\n')
})

test('on a full disk it says so, and what comes later holds', async () => {
  const path = await newFile()
  const disk = fullDisk()
  await appendLines(path, ['{"n":0}'], disk.files)
  disk.room = 4
  await expect(appendLines(path, ['{"n":1}'], disk.files)).rejects.toMatchObject({ code: 'DDA_DISK_FULL' })
  disk.room = Number.POSITIVE_INFINITY
  await appendLines(path, ['{"n":2}'], disk.files)
  expect(await readFile(path, 'utf8')).toBe('{"n":0}\n{"n"\n{"n":2}\n')
})
