import { isDdaError } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { drawScene } from '../world/draw.ts'
import { encodePng } from '@dda-thinker/pictures'
import { randomOf } from '../world/random.ts'
import { randomScene } from '../world/random-scene.ts'
import { copyRaster } from '../world/raster.ts'
import { openWorld } from '../world/sprites.ts'
import { see, seePng } from './see.ts'

const world = await openWorld()

function names(objects: readonly { readonly kind: string; readonly state?: string }[]): string[] {
  return objects.map(({ kind, state }) => `${state} ${kind}`).toSorted()
}

test('at least 99 % of the things in 60 random scenes are named right in every respect', () => {
  let things = 0
  let right = 0
  for (let seed = 1000; seed < 1060; seed++) {
    const scene = randomScene(seed)
    const { objects } = see(world, drawScene(world, scene))
    expect(objects.length).toBe(scene.objects.length)
    for (const { kind, state, column, row, size } of scene.objects) {
      things++
      const seen = objects.find((one) => one.column === column && one.row === row)
      right += Number(seen?.kind === kind && seen.state === state && seen.size === size)
    }
  }
  expect(right / things).toBeGreaterThanOrEqual(0.99)
})

test('places come left to right, back before front; centres and boxes are exact', () => {
  const { objects } = see(
    world,
    drawScene(world, {
      background: 'sea',
      objects: [
        { kind: 'die', column: 3, row: 'back', size: 'large', dx: 3, dy: -2 },
        { kind: 'apple', column: 0, row: 'front', size: 'small', dx: -4, dy: 4 },
      ],
    }),
  )
  expect(objects.map(({ kind, column, row, centre }) => ({ kind, column, row, centre }))).toEqual([
    { kind: 'apple', column: 0, row: 'front', centre: { x: 28, y: 134 } },
    { kind: 'die', column: 3, row: 'back', centre: { x: 227, y: 60 } },
  ])
  for (const { box, centre, confidence } of objects) {
    expect(Math.abs(box.left + box.width / 2 - centre.x)).toBeLessThan(6)
    expect(confidence).toBeGreaterThan(0.9)
  }
})

test('an empty table holds nothing', () => {
  expect(see(world, drawScene(world, { background: 'plum', objects: [] })).objects).toEqual([])
})

test('the answer is the same for equal pixels, however it was reached', async () => {
  const raster = drawScene(world, randomScene(77))
  const fresh = see(world, raster)
  expect(see(world, copyRaster(raster))).toEqual(fresh)
  expect(await seePng(encodePng(raster))).toEqual(fresh)
})

test('a little noise on every pixel changes no name', () => {
  const scene = randomScene(1012)
  const raster = drawScene(world, scene)
  const random = randomOf(5)
  for (let i = 0; i < raster.data.length; i++)
    raster.data[i] = Math.max(0, (raster.data[i] as number) - Math.floor(3 * random()))
  expect(names(see(world, raster).objects)).toEqual(names(scene.objects))
})

test('two things heaped in one place are seen with little confidence', () => {
  const { objects } = see(
    world,
    drawScene(world, {
      background: 'sage',
      objects: [
        { kind: 'balloon', column: 2, row: 'front', size: 'large', dx: 4, dy: -4 },
        { kind: 'cup', column: 2, row: 'front', size: 'medium', dx: -3, dy: 2 },
      ],
    }),
  )
  expect(objects.length).toBe(1)
  expect(objects[0]?.confidence).toBeLessThan(0.5)
})

test('another size of picture is a coded failure of the input', () => {
  let error: unknown
  try {
    see(world, { width: 8, height: 8, data: new Uint8Array(192) })
  } catch (thrown) {
    error = thrown
  }
  expect(isDdaError(error) && [error.code, error.kind]).toEqual(['DDA_IMAGE_SIZE', 'bad-input'])
})
