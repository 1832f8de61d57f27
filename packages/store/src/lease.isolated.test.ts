import type * as FileSystem from 'node:fs/promises'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { takeLease } from './lease.ts'

/** Run once, as soon as the next claim stands in the file system and before whoever wrote it hears of that. */
let meanwhile: (() => Promise<void>) | undefined
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>()
  const writeFile: typeof real.writeFile = async (path, data, ...rest) => {
    await real.writeFile(path, data, ...rest)
    const then = meanwhile
    meanwhile = undefined
    await then?.()
  }
  return { ...real, writeFile, default: { ...real, writeFile } }
})

test('a claim that has only just been written is not tidied away by another of the same process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dda-lease-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'lock')
  let others = 0
  meanwhile = async () => {
    const other = await takeLease(path)
    if (!('release' in other)) throw new Error(`held by ${JSON.stringify(other)}`)
    await other.release()
    others += 1
  }
  const own = await takeLease(path)
  if (!('release' in own)) throw new Error(`held by ${JSON.stringify(own)}`)
  expect(others).toBe(1)
  await own.release()
  expect(await readdir(folder)).toEqual([])
})
