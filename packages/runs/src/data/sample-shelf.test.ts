import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeSample } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { FileShelf } from './sample-shelf.ts'

test('gives samples back in any order and as often as asked, short and long, and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-shelf-'))
  const shelf = new FileShelf(join(folder, 'curated.jsonl'))
  const samples = Array.from({ length: 20 }, (_, index) =>
    makeSample({ id: `ä${index}`, reference: 'é'.repeat(index % 5 === 0 ? 40_000 : index) }),
  )
  const tickets = await Promise.all(samples.map((sample) => shelf.put(sample)))
  for (const index of [19, 0, 5, 5, 7]) {
    const sample = samples[index]
    expect(await shelf.take(tickets[index] ?? -1)).toEqual(JSON.parse(JSON.stringify(sample)))
  }
  await expect(shelf.take(-1)).rejects.toMatchObject({ code: 'DDA_CURATOR_TICKET' })
  await expect(shelf.take(1e9)).rejects.toMatchObject({ code: 'DDA_CURATOR_TICKET' })
  await shelf.close()
  expect(await readdir(folder)).toEqual([])
  await rm(folder, { recursive: true })
})
