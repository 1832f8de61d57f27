import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makePng, readHeader } from '@dda-thinker/pictures'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ContentStore } from './content-store.ts'
import { Thumbnails } from './thumbnails.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dda-thumbnails-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

/** Noise, so that the PNG is large. */
function noise(width: number, height: number): Uint8Array {
  let state = 1
  const next = (): number => (state = (state * 48_271) % 0x7fffffff) & 255
  return makePng({ width, height, pixel: () => [next(), next(), next()] })
}

describe('thumbnails', () => {
  test('are WebP of at most 512 pixels, in the shape of the picture, kept beside it', async () => {
    const store = new ContentStore(dir)
    const image = await store.put(noise(800, 400))
    const thumbnails = new Thumbnails(store)
    const { bytes, mediaType } = await thumbnails.get(image)
    expect(mediaType).toBe('image/webp')
    expect(readHeader(bytes)).toMatchObject({ mediaType: 'image/webp', width: 512, height: 256 })
    expect(await readFile(thumbnails.path(image))).toEqual(Buffer.from(bytes))
    expect((await readdir(dirname(store.path(image)))).toSorted()).toEqual([
      `${image.hash}.512.webp`,
      `${image.hash}.png`,
    ])
  })

  test('are made once, whoever asks', async () => {
    const store = new ContentStore(dir)
    const image = await store.put(noise(600, 600))
    const thumbnails = new Thumbnails(store)
    const [first, second] = await Promise.all([thumbnails.get(image), thumbnails.get(image)])
    expect(second.bytes).toBe(first.bytes)
    // What is on the disk is taken, not made again.
    await rm(store.path(image))
    expect((await new Thumbnails(new ContentStore(dir)).get(image)).bytes).toEqual(first.bytes)
  })

  test('a small picture is its own', async () => {
    const store = new ContentStore(dir)
    const png = noise(20, 20)
    const thumbnails = new Thumbnails(store)
    const { bytes, mediaType } = await thumbnails.get(await store.put(png))
    expect([mediaType, Buffer.from(bytes)]).toEqual(['image/png', Buffer.from(png)])
  })

  test('one that was cut short on the disk is made again', async () => {
    const store = new ContentStore(dir)
    const image = await store.put(noise(600, 300))
    const { bytes } = await new Thumbnails(store).get(image)
    const path = new Thumbnails(store).path(image)
    await writeFile(path, bytes.subarray(0, 100))
    expect((await new Thumbnails(store).get(image)).bytes).toEqual(bytes)
  })

  test('a store that cannot be written still shows them', async () => {
    const store = new ContentStore(dir)
    const image = await store.put(noise(600, 300))
    // Where its thumbnail would go, nothing can be put.
    await mkdir(join(new Thumbnails(store).path(image), 'taken'), { recursive: true })
    expect((await new Thumbnails(store).get(image)).mediaType).toBe('image/webp')
  })

  test('a picture that is gone is an error with its code', async () => {
    const thumbnails = new Thumbnails(new ContentStore(dir))
    const lost = { hash: 'a'.repeat(64), mediaType: 'image/png', width: 4, height: 4 } as const
    await expect(thumbnails.get(lost)).rejects.toMatchObject({ code: 'DDA_STORE_MISSING' })
  })
})
