import { inflateSync } from 'node:zlib'
import { readHeader } from '@dda-thinker/pictures'
import { expect, test } from 'vitest'
import { deepFreeze, makeItem, makePng, makeVerdicts, MemoryImages, MISSING_IMAGE, seededRandom } from './index.ts'

test('a made picture is a PNG of its size with its pixels', () => {
  const png = Buffer.from(makePng({ width: 3, height: 2, pixel: (x, y) => [x, y, 9] }))
  expect(readHeader(png)).toEqual({ mediaType: 'image/png', width: 3, height: 2 })
  const at = png.indexOf('IDAT')
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))
  expect([...rows]).toEqual([1, 0, 0, 9, 1, 0, 0, 1, 0, 0, 1, 0, 1, 9, 1, 0, 0, 1, 0, 0])
})

test('the store in memory keeps by content, hands out copies and names its errors', async () => {
  const images = new MemoryImages()
  const a = await images.put(makePng({ width: 2, height: 2 }))
  const b = await images.put(makePng({ width: 2, height: 2 }))
  expect([images.size, b]).toEqual([1, a])
  const bytes = await images.get(a)
  bytes.fill(0)
  expect(await images.get(a)).not.toEqual(bytes)
  await expect(images.get(MISSING_IMAGE)).rejects.toMatchObject({ code: 'DDA_STORE_MISSING' })
  await expect(images.put(Uint8Array.of(1))).rejects.toMatchObject({ code: 'DDA_IMAGE_INVALID' })
})

test('verdicts answer as expected, save the failed ones', () => {
  const items = [makeItem('a', 'cognitive'), makeItem('b', 'visual', { expected: 'no' }), makeItem('c', 'visual')]
  expect(makeVerdicts(items, { failed: ['c'] }).map(({ answer }) => answer)).toEqual(['yes', 'no', 'no'])
  expect(makeVerdicts(items, { scopes: ['cognitive'] }).map(({ itemId }) => itemId)).toEqual(['a'])
})

test('freezing goes all the way down', () => {
  const frozen = deepFreeze({ a: [{ b: 1 }], bytes: Uint8Array.of(1) })
  expect(() => Object.assign(frozen.a[0] ?? {}, { b: 2 })).toThrow(TypeError)
})

test('seeded numbers repeat and spread', () => {
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
  const mean = draw(3).reduce((sum, x) => sum + x, 0) / 1000
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.05)
})

function draw(seed: number): number[] {
  return Array.from({ length: 1000 }, seededRandom(seed))
}
