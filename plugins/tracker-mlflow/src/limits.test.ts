import { expect, test } from 'vitest'
import { batchesOf, keyOf, LIMITS } from './limits.ts'

const metric = (i: number) => ({ key: `m${i}`, value: i, timestamp: 1, step: 1 })
const entry = (i: number, value = 'x') => ({ key: `k${i}`, value })
const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i))

test('no request has more of anything than the server takes, nothing is lost, and the order stays', () => {
  const all = { metrics: many(2500, metric), params: many(250, (i) => entry(i)), tags: many(150, (i) => entry(i)) }
  const batches = batchesOf(all)
  for (const { metrics, params, tags } of batches) {
    expect(metrics.length).toBeLessThanOrEqual(1000)
    expect(params.length).toBeLessThanOrEqual(100)
    expect(tags.length).toBeLessThanOrEqual(100)
    expect(metrics.length + params.length + tags.length).toBeLessThanOrEqual(1000)
  }
  expect(batches.flatMap(({ metrics }) => metrics)).toEqual(all.metrics)
  expect(batches.flatMap(({ params }) => params)).toEqual(all.params)
  expect(batches.flatMap(({ tags }) => tags)).toEqual(all.tags)
  expect(batchesOf({})).toEqual([])
})

test('no request is larger than the server takes', () => {
  const batches = batchesOf({ tags: many(300, (i) => entry(i, '界'.repeat(LIMITS.tag))) })
  expect(batches.length).toBeGreaterThan(3)
  for (const batch of batches) expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(1_000_000)
})

test('names become such as the server takes', () => {
  expect(['reward/mean', 'solved/因果', 'a:b', '../x', 'a//b', '/a', 'a/.', ''].map(keyOf)).toEqual([
    'reward/mean',
    'solved/__',
    'a_b',
    '__/x',
    'a/_/b',
    '_/a',
    'a/_',
    '_',
  ])
  expect(keyOf('x'.repeat(400))).toHaveLength(250)
})
