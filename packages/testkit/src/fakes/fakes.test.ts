import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  deepFreeze,
  imageSize,
  makeItem,
  makePng,
  makeVerdicts,
  MemoryImages,
  MISSING_IMAGE,
  seededRandom,
} from './index.ts'

test('a made picture is a PNG of its size with its pixels', () => {
  const png = Buffer.from(makePng({ width: 3, height: 2, pixel: (x, y) => [x, y, 9] }))
  expect(imageSize(png)).toEqual({ mediaType: 'image/png', width: 3, height: 2 })
  const at = png.indexOf('IDAT')
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))
  expect([...rows]).toEqual([0, 0, 0, 9, 1, 0, 9, 2, 0, 9, 0, 0, 1, 9, 1, 1, 9, 2, 1, 9])
})

test('sizes of JPEG and WebP come from their headers', () => {
  const jpeg = Buffer.concat([
    Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
    Buffer.from('ffc00011080030004003012200021101031101', 'hex'),
  ])
  expect(imageSize(jpeg)).toEqual({ mediaType: 'image/jpeg', width: 64, height: 48 })
  const webp = Buffer.alloc(30)
  webp.write('RIFF', 0)
  webp.write('WEBPVP8X', 8)
  webp.writeUIntLE(63, 24, 3)
  webp.writeUIntLE(47, 27, 3)
  expect(imageSize(webp)).toEqual({ mediaType: 'image/webp', width: 64, height: 48 })
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
