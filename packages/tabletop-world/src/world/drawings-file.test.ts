import { expect, test } from 'vitest'
import { KINDS } from './catalogue.ts'
import { encodeDrawings, readDrawings } from './drawings-file.ts'
import { drawingRecipe, rasteriseAll } from './rasterise.ts'

const names = KINDS.map(({ name }) => name)

test('the file of drawings holds what the icons show', async () => {
  const read = readDrawings(names, drawingRecipe())
  const drawn = await rasteriseAll()
  expect(drawn.size).toBe(names.length)
  // Rasterisers round differently from one machine to the next, mostly at edges.
  const off = [...drawn].filter(([name, pixels]) => {
    const kept = read?.(name)
    if (kept?.length !== pixels.length) return true
    const apart = pixels.reduce((sum, value, i) => sum + Math.abs(value - (kept[i] ?? 0)), 0)
    return apart / pixels.length > 0.5
  })
  expect(off.map(([name]) => name)).toEqual([])
})

test('a kind that is not in the catalogue has none', () => {
  expect(readDrawings(names, drawingRecipe())?.('unicorn')).toBeUndefined()
})

test('a file of another recipe is not used', () => {
  expect(readDrawings(names, 'another')).toBeUndefined()
})

test('what is written is a digest, the lengths and the drawings', () => {
  const written = Buffer.from(encodeDrawings([Uint8Array.of(1, 2, 3), Uint8Array.of()], 'recipe'))
  const [first, second] = [written.readUInt32LE(32), written.readUInt32LE(36)]
  expect(written).toHaveLength(40 + first + second)
})
