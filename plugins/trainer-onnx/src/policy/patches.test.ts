import sharp from 'sharp'
import { expect, test } from 'vitest'
import { cutPatches, PatchCache, patchLength } from './patches.ts'

/** An image whose red is the column and whose green is the row. */
const WIDTH = 40
const HEIGHT = 16
const ramp = new Uint8Array(WIDTH * HEIGHT * 3)
for (let i = 0; i < WIDTH * HEIGHT; i++) ramp.set([(i % WIDTH) * 4, Math.floor(i / WIDTH) * 8, 200], i * 3)
const IMAGE = { data: ramp, width: WIDTH, height: HEIGHT }

test('a window of whole pixels copies them', () => {
  const grid = { columns: 5, rows: 2, window: 1, patch: 8 }
  const patches = cutPatches(IMAGE, grid)
  expect(patches).toHaveLength(10 * patchLength(grid))
  // Patch 6 is column 1 of row 1: pixels 8..15 across and 8..15 down.
  const first = patches.subarray(6 * patchLength(grid), 6 * patchLength(grid) + 3)
  expect([...first]).toEqual([8 * 4, 8 * 8, 200])
})

test('averaging keeps the mean, and windows overlap', () => {
  const grid = { columns: 5, rows: 1, window: 1.25, patch: 5 }
  const patches = cutPatches(IMAGE, grid)
  const column = (patch: number, x: number): number => patches[patch * patchLength(grid) + x * 3] ?? NaN
  // Cell 2 covers pixels 16..24, its window 15..25: target pixels are two source pixels wide.
  expect(column(2, 0)).toBe((15 * 4 + 16 * 4) / 2)
  expect(column(2, 4)).toBe((23 * 4 + 24 * 4) / 2)
  // The last cell's window ends one pixel behind the picture, whose outermost pixel repeats.
  expect(column(4, 4)).toBe(39 * 4)
})

test('rubbish is refused', async () => {
  const cache = new PatchCache({ columns: 5, rows: 2, window: 1, patch: 8 }, 2)
  await expect(cache.get('x', () => Promise.resolve(Uint8Array.of(1, 2, 3)))).rejects.toMatchObject({
    code: 'DDA_IMAGE_INVALID',
    kind: 'bad-input',
  })
})

test('patches are cut once for each picture, and the oldest ones forgotten', async () => {
  const png = await sharp(ramp, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .png()
    .toBuffer()
  const cache = new PatchCache({ columns: 5, rows: 2, window: 1, patch: 8 }, 2)
  const loads: string[] = []
  const get = (hash: string): Promise<Uint8Array> =>
    cache.get(hash, () => {
      loads.push(hash)
      return Promise.resolve(png)
    })
  const first = await get('a')
  expect(first).toEqual(cutPatches(IMAGE, { columns: 5, rows: 2, window: 1, patch: 8 }))
  await get('b')
  expect(await get('a')).toBe(first)
  await get('c')
  await get('b')
  expect(loads).toEqual(['a', 'b', 'c', 'b'])
  const [one, other] = await Promise.all([get('d'), get('d')])
  expect(one).toBe(other)
  expect(loads.slice(4)).toEqual(['d'])
  await expect(cache.get('e', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
  await get('e')
  expect(loads.slice(5)).toEqual(['e'])
})
