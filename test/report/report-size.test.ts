import { makeThumbnail } from '@dda-thinker/pictures'
import { renderReport } from '@dda-thinker/report'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { inventReport } from './fixture.ts'

/** A picture of 2048² pixels with soft detail at every scale, as a photograph has it, and a coarse half that hardly compresses. */
async function photograph(seed: number): Promise<Uint8Array> {
  let state = seed
  const noise = (side: number) =>
    Buffer.from(
      Uint8Array.from({ length: side * side * 3 }, () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 16),
    )
  const layer = (side: number) =>
    sharp(noise(side), { raw: { width: side, height: side, channels: 3 } }).resize(2048, 2048, { kernel: 'cubic' })
  const fine = await layer(96).png({ compressionLevel: 1 }).toBuffer()
  return layer(12)
    .composite([{ input: fine, blend: 'soft-light' }])
    .jpeg({ quality: 95 })
    .toBuffer()
}

test('24 samples of 2048 × 2048 pixels, all of them shown, are a page of at most 3 MB', async () => {
  const originals = await Promise.all([1, 2, 3, 4].map(photograph))
  const thumbnails = await Promise.all(originals.map((bytes) => makeThumbnail(bytes)))
  const { input } = inventReport({ samples: 24 })
  let shown = 0
  const page = await renderReport(input, {
    // Each has a hash of its own, so each is inside.
    image: async () => ({ bytes: thumbnails[shown++ % 4] as Uint8Array, mediaType: 'image/webp' }),
    gallery: { shown: 24, failing: 12 },
  })
  // Of every sample the source and what was made of it, but where that is masked.
  expect(shown).toBeGreaterThan(60)
  expect(Buffer.byteLength(page)).toBeLessThanOrEqual(3_000_000)
}, 300_000)
