import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeWhole } from './write-whole.ts'

test('of many who write one file at once each leaves it whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-results-'))
  const file = join(folder, 'metrics.json')
  const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(50_000))
  await Promise.all(texts.map((text) => writeWhole(file, text)))
  expect(texts).toContain(await readFile(file, 'utf8'))
  expect(await readdir(folder)).toEqual(['metrics.json'])
})

test('what cannot be put in its place leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-results-'))
  await mkdir(join(folder, 'metrics.json/inside'), { recursive: true })
  await expect(writeWhole(join(folder, 'metrics.json'), '{}')).rejects.toThrow(/metrics\.json/)
  expect(await readdir(folder)).toEqual(['metrics.json'])
})
