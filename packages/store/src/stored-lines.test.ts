import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readLinesWithEnds } from './lines.ts'
import { StoredLines } from './stored-lines.ts'

type Value = { readonly n: number; readonly text?: string }

async function stored(content: string, wanted: (value: Value) => boolean = () => true) {
  const folder = await mkdtemp(join(tmpdir(), 'dda-stored-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'lines.jsonl')
  await writeFile(path, content)
  const lines = new StoredLines<Value>(path)
  let start = 0
  for await (const { value, end } of readLinesWithEnds<Value>(path)) {
    if (wanted(value)) lines.add(start, end)
    start = end
  }
  return { path, lines }
}

const textOf = (values: readonly Value[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('')

test('lines are gone through, again and again, and taken by their place', async () => {
  const values = Array.from({ length: 3000 }, (_, n) => ({ n, text: 'zwölf 🍌 '.repeat(n % 200) }))
  const { lines } = await stored(`\uFEFF\n${textOf(values)}`, ({ n }) => n % 3 !== 1)
  const wanted = values.filter(({ n }) => n % 3 !== 1)
  expect([...lines]).toEqual(wanted)
  expect([...lines]).toHaveLength(lines.length)
  expect([lines.at(0), lines.at(999), lines.at(lines.length), lines.at(-1)]).toEqual([
    wanted[0],
    wanted[999],
    undefined,
    undefined,
  ])
  // Who stops early leaves nothing open behind.
  for (const { n } of lines) if (n === 5) break
})

test('a file that grows is the same, one that is put in its place is told', async () => {
  const { path, lines } = await stored(textOf([{ n: 1 }, { n: 2 }]))
  expect(lines.at(0)).toEqual({ n: 1 })
  await appendFile(path, textOf([{ n: 3 }]))
  expect([...lines]).toHaveLength(2)
  await writeFile(`${path}.new`, textOf([{ n: 7 }, { n: 8 }]))
  await rename(`${path}.new`, path)
  expect(() => [...lines]).toThrow(expect.objectContaining({ code: 'DDA_DATA_CHANGED' }) as Error)
  await writeFile(path, '')
  expect(() => lines.at(0)).toThrow(expect.objectContaining({ code: 'DDA_DATA_CHANGED' }) as Error)
})
