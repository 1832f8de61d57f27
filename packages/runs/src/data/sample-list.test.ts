import { appendFile, mkdtemp, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sample } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { SampleList } from './sample-list.ts'

const sample = (id: string, split: Sample['split'] = 'train'): Sample => ({
  id,
  images: [{ hash: 'a'.repeat(64), mediaType: 'image/png', width: 1, height: 1 }],
  instruction: `Zeichne „${id}“ – 描く\u2028`,
  category: 'temporal',
  reference: '',
  checklist: [],
  split,
  provenance: { plugin: 'test', seed: 1 },
})
const isTrain = ({ split }: Sample) => split === 'train'

async function fileOf(text: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'dda-samples-')), 'samples.jsonl')
  await writeFile(path, text)
  return path
}

const lines = (samples: readonly Sample[]) => samples.map((one) => `${JSON.stringify(one)}\n`).join('')

test('each sample is found by its place, whatever lies between', async () => {
  const some = Array.from({ length: 3000 }, (_, n) => sample(`s${n}`, n % 3 === 1 ? 'held-out' : 'train'))
  const [first, second, ...rest] = some
  const text = `\uFEFF${lines([first ?? sample('')])}\n\r\n${lines([second ?? sample('')]).replace('\n', '\r\n')}${lines(rest)}`
  const list = await SampleList.open(await fileOf(text), isTrain)
  const wanted = some.filter(isTrain)
  expect(list.length).toBe(wanted.length)
  const found = await Promise.all(wanted.map((_, place) => list.at(place)))
  expect(found).toEqual(wanted)
  await expect(list.at(wanted.length)).rejects.toThrow(RangeError)
  await list.close()
})

test('a file that takes its place changes nothing; one that is written over is told', async () => {
  const path = await fileOf(lines([sample('a'), sample('b')]))
  const list = await SampleList.open(path, isTrain)
  const other = await fileOf(lines([sample('c')]))
  await rename(path, `${path}.old`)
  await rename(other, path)
  expect((await list.at(1)).id).toBe('b')
  await appendFile(`${path}.old`, lines([sample('d')]))
  await expect(list.at(1)).rejects.toMatchObject({ code: 'DDA_DATA_CHANGED' })
  await list.close()
})

test('an id that stands twice is told with both lines', async () => {
  const path = await fileOf(lines([sample('a'), sample('b'), sample('c'), sample('b')]))
  await expect(SampleList.open(path, isTrain)).rejects.toMatchObject({
    code: 'DDA_DATA_DUPLICATE',
    message: expect.stringMatching(/Lines 2 and 4/),
    location: `${path}:4:1`,
  })
})
