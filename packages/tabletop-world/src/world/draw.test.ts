import { isDdaError } from '@dda-thinker/plugin-api'
import { expect, test } from 'vitest'
import { BACKGROUNDS, backgroundRows } from './backgrounds.ts'
import { decodePng } from './decode.ts'
import { drawScene } from './draw.ts'
import { encodePng } from '@dda-thinker/pictures'
import { randomScene } from './random-scene.ts'
import { CANVAS } from './scene.ts'
import { openWorld } from './sprites.ts'

const world = await openWorld()

test('a scene is drawn the same every time, on a canvas of the agreed size', () => {
  const first = drawScene(world, randomScene(3))
  expect(first).toMatchObject(CANVAS)
  expect(Buffer.compare(first.data, drawScene(world, randomScene(3)).data)).toBe(0)
  expect(Buffer.compare(first.data, drawScene(world, randomScene(4)).data)).not.toBe(0)
})

test('the outermost columns stay bare, whatever stands beside them', () => {
  for (let seed = 0; seed < 40; seed++) {
    const scene = randomScene(seed)
    const { data } = drawScene(world, scene)
    const rows = backgroundRows(scene.background)
    const edges = (x: number) =>
      Array.from({ length: CANVAS.height }, (_, y) => [
        ...data.subarray(3 * (CANVAS.width * y + x)).subarray(0, 3),
      ]).flat()
    expect([edges(0), edges(CANVAS.width - 1)]).toEqual([[...(rows ?? [])], [...(rows ?? [])]])
  }
})

test('backgrounds differ from one another', () => {
  const tops = BACKGROUNDS.map(({ name }) =>
    backgroundRows(name)
      ?.subarray(3 * 120, 3 * 120 + 3)
      .join(),
  )
  expect(tops.length).toBeGreaterThanOrEqual(8)
  expect(new Set(tops).size).toBe(BACKGROUNDS.length)
})

test('an unknown background is refused', () => {
  expect(() => drawScene(world, { background: 'void', objects: [] })).toThrow('There is no background "void".')
})

test('what is encoded decodes to the same pixels', async () => {
  const raster = drawScene(world, randomScene(11))
  const bytes = encodePng(raster)
  const decoded = await decodePng(bytes)
  expect(decoded).toMatchObject(CANVAS)
  expect(Buffer.compare(decoded.data, raster.data)).toBe(0)
})

test.each([
  ['no picture', (png: Uint8Array) => png.slice(60)],
  ['a torn picture', (png: Uint8Array) => png.slice(0, png.length / 2)],
  ['nothing', () => new Uint8Array(0)],
])('%s is a coded failure of the input', async (_, damage) => {
  const error: unknown = await decodePng(damage(encodePng(drawScene(world, randomScene(1))))).catch(
    (thrown: unknown) => thrown,
  )
  expect(isDdaError(error) && [error.code, error.kind]).toEqual(['DDA_IMAGE_INVALID', 'bad-input'])
})
