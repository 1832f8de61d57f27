import { existsSync, readFileSync } from 'node:fs'
import { makePng, MemoryImages } from '@dda-thinker/testkit'
import { expect, test } from 'vitest'
import { ImageFiles } from './image-files.ts'

test('pictures are files named by hash while they are held, written once, and gone after close', async () => {
  const images = new MemoryImages()
  const bytes = makePng({ width: 4, height: 2 })
  const ref = await images.put(bytes)
  const files = await ImageFiles.open(images)
  const [a, b] = await Promise.all([files.hold([ref]), files.hold([ref, ref])])
  const [first] = a.images
  expect(first).toMatchObject({ hash: ref.hash, width: 4, height: 2 })
  expect(b.images.map(({ path }) => path)).toEqual([first?.path, first?.path])
  expect(readFileSync(first?.path ?? '').equals(bytes)).toBe(true)
  await a.release()
  await b.release()
  expect(existsSync(first?.path ?? '')).toBe(true)
  await files.close()
  expect(existsSync(first?.path ?? '')).toBe(false)
})

test('a picture that the store does not have fails, and can be asked for again once it is there', async () => {
  const [images, elsewhere] = [new MemoryImages(), new MemoryImages()]
  const bytes = makePng({ width: 4, height: 2 })
  const ref = await elsewhere.put(bytes)
  const files = await ImageFiles.open(images)
  await expect(files.hold([ref])).rejects.toMatchObject({ code: 'DDA_STORE_MISSING' })
  await images.put(bytes)
  const held = await files.hold([ref])
  expect(existsSync(held.images[0]?.path ?? '')).toBe(true)
  await held.release()
  await files.close()
})
