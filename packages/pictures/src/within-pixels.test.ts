import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readHeader } from './read-header.ts'
import { withinPixels } from './within-pixels.ts'

const make = (width: number, height: number, format: 'png' | 'jpeg' | 'webp'): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#c83c1e' } })
    .toFormat(format)
    .toBuffer()

test.each([
  [1280, 720, 'png', 'image/png'],
  [720, 1280, 'jpeg', 'image/jpeg'],
  [1200, 800, 'webp', 'image/png'],
  [4000, 3, 'png', 'image/png'],
] as const)('%i × %i %s is brought to the limit in its shape', async (width, height, format, mediaType) => {
  const bytes = await make(width, height, format)
  const small = await withinPixels(bytes, readHeader(bytes), 10_000)
  const found = readHeader(small.bytes)
  expect(found.mediaType).toBe(mediaType)
  expect(small.mediaType).toBe(mediaType)
  expect(found.width * found.height).toBeLessThanOrEqual(10_000)
  // As near to the shape as whole pixels allow.
  const scale = Math.sqrt(10_000 / (width * height))
  expect(Math.abs(found.width - width * scale)).toBeLessThan(1)
  expect(Math.abs(found.height - height * scale)).toBeLessThan(1)
})

test('a picture within the limit is left alone', async () => {
  const bytes = await make(100, 100, 'jpeg')
  expect((await withinPixels(bytes, readHeader(bytes), 10_000)).bytes).toBe(bytes)
})
