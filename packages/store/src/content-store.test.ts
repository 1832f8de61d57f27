import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { png } from '../../../test/support/fake-world.ts'
import { fullDisk } from '../../../test/support/full-disk.ts'
import { BlobCache } from './blob-cache.ts'
import { ContentStore } from './content-store.ts'

const folder = () => mkdtemp(join(tmpdir(), 'dda-store-'))

async function filesUnder(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

test('the same bytes are stored once, under their hash, and read back', async () => {
  const dir = await folder()
  const store = new ContentStore(dir)
  const [a, b] = await Promise.all([store.put(png(1, 3)), store.put(png(1, 3)), store.put(png(2))])
  expect(a).toEqual(b)
  expect(a).toMatchObject({ mediaType: 'image/png', width: 3, height: 3 })
  expect(await filesUnder(dir)).toHaveLength(2)
  expect(store.path(a)).toBe(join(dir, a.hash.slice(0, 2), a.hash.slice(2, 3), `${a.hash}.png`))
  const cold = new ContentStore(dir)
  expect(Buffer.from(await cold.get(a))).toEqual(Buffer.from(png(1, 3)))
  await cold.sync([a])
})

test('what is missing or spoiled is an error that says so; writing it again heals it', async () => {
  const dir = await folder()
  const image = await new ContentStore(dir).put(png(1))
  const path = new ContentStore(dir).path(image)
  await writeFile(path, 'noise')
  const store = new ContentStore(dir)
  await expect(store.get(image)).rejects.toMatchObject({ code: 'DDA_STORE_CORRUPT', location: path })
  expect(await store.has(image)).toBe(false)
  await store.put(png(1), { durable: true })
  expect(await readFile(path)).toEqual(Buffer.from(png(1)))
  await expect(store.get({ ...image, hash: 'a'.repeat(64) })).rejects.toMatchObject({ code: 'DDA_STORE_MISSING' })
  await expect(store.get({ ...image, hash: '../../secret' })).rejects.toMatchObject({ code: 'DDA_STORE_MISSING' })
})

test('a full disk leaves no half picture', async () => {
  const dir = await folder()
  const disk = fullDisk()
  const store = new ContentStore(dir, { files: disk.files })
  const first = await store.put(png(1))
  disk.room = 10
  await expect(store.put(png(2))).rejects.toMatchObject({
    code: 'DDA_DISK_FULL',
    next: expect.stringContaining('space') as string,
  })
  expect(await filesUnder(dir)).toEqual([`${first.hash}.png`])
  disk.room = Number.POSITIVE_INFINITY
  const second = await store.put(png(2))
  expect(await new ContentStore(dir).has(second)).toBe(true)
})

test('pictures in memory are bounded, oldest out first', () => {
  const cache = new BlobCache(4 * 1024)
  for (let index = 0; index < 10; index += 1) cache.set(`${index}`, new Uint8Array(500))
  expect(cache.bytes).toBeLessThanOrEqual(4 * 1024)
  expect(cache.get('0')).toBeUndefined()
  expect(cache.get('9')).toHaveLength(500)
  cache.get('7')
  cache.set('new', new Uint8Array(500))
  cache.set('newer', new Uint8Array(500))
  expect(cache.get('8')).toBeUndefined()
  expect(cache.get('7')).toHaveLength(500)
  cache.set('too large', new Uint8Array(5000))
  expect(cache.get('too large')).toBeUndefined()
})

test.each([
  ['of 64 megapixels', (bytes: Buffer) => (bytes.writeUInt32BE(7100, 16), bytes.writeUInt32BE(7100, 20), bytes)],
  ['cut off after its header', (bytes: Buffer) => bytes.subarray(0, 33)],
  ['with a flipped bit among its pixels', (bytes: Buffer) => ((bytes[45] = (bytes[45] ?? 0) ^ 1), bytes)],
])('a PNG %s is refused, and nothing of it is kept', async (_, spoil) => {
  const dir = await folder()
  await expect(new ContentStore(dir).put(spoil(Buffer.from(png(1, 8))))).rejects.toMatchObject({
    code: expect.stringMatching(/^DDA_IMAGE_/),
    kind: 'bad-output',
  })
  expect(await filesUnder(dir)).toEqual([])
})
