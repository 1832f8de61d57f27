import { appendFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fullDisk } from '../../../test/support/full-disk.ts'
import { ResultCache } from './cache.ts'
import { canonicalJson } from '@dda-thinker/plugin-api'
import { KeyIndex } from './key-index.ts'

const folder = () => mkdtemp(join(tmpdir(), 'dda-cache-'))
const fails = () => Promise.reject(new Error('busy'))
const never = () => expect.unreachable('replay must not call')
const isThere = (value: string) => value !== 'lost'
const numbered = (entry: number) =>
  ((entry * 2_654_435_761) >>> 0).toString(16).padStart(8, '0') + entry.toString(16).padStart(8, '0') + 'f'.repeat(16)

test('keys depend on content alone', () => {
  expect(ResultCache.key({ b: 1, a: [{ d: 1, c: undefined }] })).toBe(ResultCache.key({ a: [{ d: 1 }], b: 1 }))
  expect(ResultCache.key(['a', 'b'])).not.toBe(ResultCache.key(['b', 'a']))
  expect(ResultCache.key({ seed: 1 })).toMatch(/^[0-9a-f]{32}$/)
  expect(() => canonicalJson({ x: Number.NaN })).toThrow('NaN')
})

test('one call for equal keys, at the same time and afterwards, and in the next process', async () => {
  const dir = await folder()
  const cache = await ResultCache.open(dir)
  let calls = 0
  const make = async () => {
    calls += 1
    await Promise.resolve()
    return { answer: 42 }
  }
  const key = ResultCache.key('question')
  const together = await Promise.all([cache.resolve(key, make), cache.resolve(key, make), cache.resolve(key, make)])
  expect(together.map(({ source }) => source)).toEqual(['made', 'shared', 'shared'])
  expect(await cache.resolve(key, make)).toEqual({ value: { answer: 42 }, source: 'cached' })
  expect(calls).toBe(1)
  await cache.sync()
  await cache.close()
  const next = await ResultCache.open(dir)
  expect(next.size).toBe(1)
  expect(await next.resolve(key, make)).toEqual({ value: { answer: 42 }, source: 'cached' })
  await next.resolve(ResultCache.key('other'), make)
  await next.close()
  expect(await readdir(dir)).toEqual(['segment-000001.jsonl', 'segment-000002.jsonl'])
})

test('failures are shared by those who wait and never kept', async () => {
  const cache = await ResultCache.open(await folder())
  const key = ResultCache.key('x')
  const both = await Promise.allSettled([cache.resolve(key, fails), cache.resolve(key, fails)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await cache.resolve(key, async () => 'fine')).toEqual({ value: 'fine', source: 'made' })
  await cache.close()
})

test('what no longer holds is made again, and the new result counts from then on', async () => {
  const dir = await folder()
  const cache = await ResultCache.open(dir)
  const key = ResultCache.key('picture')
  await cache.resolve(key, async () => 'lost')
  expect(await cache.resolve(key, async () => 'there', isThere)).toEqual({ value: 'there', source: 'made' })
  await cache.close()
  const next = await ResultCache.open(dir)
  expect(await next.resolve(key, async () => 'never', isThere)).toEqual({ value: 'there', source: 'cached' })
  await next.close()
})

test('torn, foreign and spoiled lines are misses', async () => {
  const dir = await folder()
  const cache = await ResultCache.open(dir)
  const keys = ['a', 'b', 'c'].map((name) => ResultCache.key(name))
  for (const key of keys) await cache.resolve(key, async () => 'value')
  await cache.close()
  const path = join(dir, 'segment-000001.jsonl')
  const lines = (await readFile(path, 'utf8')).split('\n')
  await writeFile(path, [lines[0], lines[1]?.replace('"value"', '"val\u0000'), 'hello', ''].join('\n'))
  await appendFile(path, lines[2]?.slice(0, -2) ?? '')
  const next = await ResultCache.open(dir)
  const sources = []
  for (const key of keys) sources.push((await next.resolve(key, async () => 'again')).source)
  expect(sources).toEqual(['cached', 'made', 'made'])
  await next.close()
})

test('a cache reads its keys when they are asked for, once, before its own segment', async () => {
  const dir = await folder()
  const [a, b] = [ResultCache.key('a'), ResultCache.key('b')]
  const first = new ResultCache(dir)
  await first.close()
  expect(await readdir(dir)).toEqual([])
  await first.keep(a, 1)
  await first.close()
  const next = new ResultCache(dir)
  expect(next.size).toBe(0)
  await Promise.all([next.keep(b, 2), next.find(a)])
  expect(next.size).toBe(2)
  expect(await next.find(a)).toEqual({ value: 1 })
  expect(await next.find(b)).toEqual({ value: 2 })
  await next.close()
  expect(await readdir(dir)).toEqual(['segment-000001.jsonl', 'segment-000002.jsonl'])
})

test('of two keys that begin alike each gets its own result or none', async () => {
  const cache = await ResultCache.open(await folder())
  const [a, b] = [`0123456789abcdef${'0'.repeat(16)}`, `0123456789abcdef${'1'.repeat(16)}`]
  await cache.keep(a, 'a')
  expect(await cache.find(b)).toBeUndefined()
  await cache.keep(b, 'b')
  expect(await cache.find(b)).toEqual({ value: 'b' })
  expect(await cache.find(a)).toBeUndefined()
  await cache.close()
})

test('replay never calls', async () => {
  const dir = await folder()
  const cache = await ResultCache.open(dir)
  await cache.resolve(ResultCache.key('known'), async () => 1)
  await cache.close()
  const replay = await ResultCache.open(dir, { replay: true })
  expect((await replay.resolve(ResultCache.key('known'), never)).value).toBe(1)
  await expect(replay.resolve(ResultCache.key('unknown'), never)).rejects.toMatchObject({ code: 'DDA_REPLAY_MISS' })
  await replay.close()
})

test('a full disk is an error of the call; earlier results stay', async () => {
  const dir = await folder()
  const disk = fullDisk()
  const cache = await ResultCache.open(dir, { files: disk.files })
  await cache.resolve(ResultCache.key('a'), async () => 1)
  disk.room = 3
  await expect(cache.resolve(ResultCache.key('b'), async () => 2)).rejects.toMatchObject({ code: 'DDA_DISK_FULL' })
  await cache.close().catch(() => undefined)
  const next = await ResultCache.open(dir)
  expect(next.size).toBe(1)
  await next.close()
})

test('two processes may write at once', async () => {
  const dir = await folder()
  const [a, b] = [await ResultCache.open(dir), await ResultCache.open(dir)]
  await Promise.all([a.resolve(ResultCache.key('a'), async () => 1), b.resolve(ResultCache.key('b'), async () => 2)])
  await Promise.all([a.close(), b.close()])
  const next = await ResultCache.open(dir)
  expect(next.size).toBe(2)
  await next.close()
})

test('the index of 10^5 results takes a few bytes each and finds every one', () => {
  const index = new KeyIndex()
  const count = 100_000
  for (let entry = 0; entry < count; entry += 1)
    index.set(numbered(entry), { segment: entry % 7, offset: entry * 1000, length: 99 })
  expect(index.size).toBe(count)
  expect(index.memory).toBeLessThan(count * 50)
  let wrong = 0
  for (let entry = 0; entry < count; entry += 1) {
    const place = index.get(numbered(entry))
    if (place?.segment !== entry % 7 || place.offset !== entry * 1000) wrong += 1
  }
  expect(wrong).toBe(0)
  expect(index.get('e'.repeat(32))).toBeUndefined()
})

test('processes that share a cache make each result once, and find what the other made', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dda-cache-'))
  const caches = [await ResultCache.open(dir, { shared: true }), await ResultCache.open(dir, { shared: true })]
  const made: string[] = []
  const ask = (cache: ResultCache, index: number) => {
    const key = ResultCache.key(index)
    return cache.resolve(key, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      made.push(key)
      // Longer than what is read at once of the other's segment.
      return index === 7 ? 'x'.repeat(200_000) : index
    })
  }
  const answers = await Promise.all(caches.flatMap((cache) => Array.from({ length: 60 }, (_, i) => ask(cache, i))))
  expect(made).toHaveLength(60)
  expect(new Set(made).size).toBe(60)
  expect(answers.slice(0, 60).map(({ value }) => value)).toEqual(answers.slice(60).map(({ value }) => value))
  expect(answers.filter(({ source }) => source === 'made')).toHaveLength(60)
  for (const cache of caches) await cache.close()
  expect([await readdir(join(dir, 'claims')), await readdir(join(dir, 'live'))]).toEqual([[], []])
})

test('what another keeps is found also where it had kept something before this one began', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dda-cache-'))
  const first = await ResultCache.open(dir, { shared: true })
  await first.keep(ResultCache.key('before'), 0)
  const second = await ResultCache.open(dir, { shared: true })
  await second.keep(ResultCache.key('its own'), 0)
  let calls = 0
  for (let index = 0; index < 20; index += 1) {
    const [one, other] = index % 2 === 0 ? [first, second] : [second, first]
    const ask = (cache: ResultCache) => cache.resolve(ResultCache.key(index), async () => (calls += 1))
    await ask(one)
    expect(await ask(other)).toMatchObject({ source: 'cached' })
  }
  expect(calls).toBe(20)
  await first.close()
  await second.close()
})

test('what fails in one process that shares a cache is tried by the other', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dda-cache-'))
  const caches = [await ResultCache.open(dir, { shared: true }), await ResultCache.open(dir, { shared: true })]
  let calls = 0
  const make = async () => {
    calls += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (calls === 1) throw new Error('not now')
    return 'there'
  }
  const key = ResultCache.key('one')
  const answers = await Promise.allSettled(caches.map((cache) => cache.resolve(key, make)))
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(calls).toBe(2)
  for (const cache of caches) await cache.close()
})
