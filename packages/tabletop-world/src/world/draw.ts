import { errors } from '../errors.ts'
import { backgroundRows } from './backgrounds.ts'
import { type Raster, type Sprite, boxOf, paste } from './raster.ts'
import { CANVAS, COLUMNS, ROWS, SIZES, type Scene, type SceneObject } from './scene.ts'
import type { World } from './sprites.ts'

/** Largest |dx| and |dy| of a scene object, pixels: with it, neighbours never touch and the margins stay bare. */
export const MAX_OFFSET = 4

/**
 * A scene's pixels: CANVAS in size.
 *
 * @param style changes each drawing; it must not grow it
 * @throws DdaError `DDA_TABLETOP_UNKNOWN` for an unknown name
 */
export function drawScene(world: World, scene: Scene, style?: (sprite: Sprite) => Sprite): Raster {
  const rows = backgroundRows(scene.background)
  if (rows === undefined) {
    throw errors.make('DDA_TABLETOP_UNKNOWN/background', { background: scene.background })
  }
  const raster = bareTable(rows)
  const ordered = scene.objects.toSorted((a, b) => centreOf(a).y - centreOf(b).y)
  for (const object of ordered) {
    const { x, y } = centreOf(object)
    const sprite = world.sprite(object.kind, object.state, object.size)
    drawSprite(raster, style?.(sprite) ?? sprite, x, y)
  }
  return raster
}

/** A canvas with nothing on it, from the colour of each row. */
export function bareTable(rows: Uint8Array): Raster {
  const data = new Uint8Array(3 * CANVAS.width * CANVAS.height)
  for (let y = 0; y < CANVAS.height; y++) fillRow(data, 3 * CANVAS.width * y, CANVAS.width, rows, 3 * y)
  return { ...CANVAS, data }
}

/** Writes one colour `count` times. */
export function fillRow(data: Uint8Array, from: number, count: number, rows: Uint8Array, row: number): void {
  data.set(rows.subarray(row, row + 3), from)
  for (let done = 3; done < 3 * count; done *= 2) {
    data.copyWithin(from + done, from, from + Math.min(done, 3 * count - done))
  }
}

/** Centre of an object's square, pixels; kept far enough inside that its square is on the canvas. */
export function centreOf(object: SceneObject): { readonly x: number; readonly y: number } {
  const half = SIZES[object.size] / 2
  return {
    x: clamp(COLUMNS[object.column] + object.dx, half + 1, CANVAS.width - half - 1),
    y: clamp(ROWS[object.row] + object.dy, half + 1, CANVAS.height - half - 1),
  }
}

/** Pastes a sprite with its square centred at a place, over a soft shadow at its foot. */
export function drawSprite(raster: Raster, sprite: Sprite, x: number, y: number): void {
  const left = Math.round(x - sprite.width / 2)
  const top = Math.round(y - sprite.height / 2)
  drawShadow(raster, sprite, left, top)
  paste(raster, sprite, left, top)
}

/** A shadow only darkens: each pixel keeps its hue, which is how `sight` tells it from a thing. */
export const SHADOW_DEPTH = 0.22

/** Columns at each side that stay bare, shadows included: they tell `sight` the colour of every row. */
const MARGIN = 2

function drawShadow(raster: Raster, sprite: Sprite, left: number, top: number): void {
  const box = boxOf(sprite)
  if (box === undefined) return
  const cx = left + box.left + box.width / 2
  const cy = top + box.top + box.height - 0.035 * sprite.height
  const rx = 0.5 * box.width + 1
  const ry = Math.max(2.5, 0.075 * sprite.height)
  for (let y = Math.max(0, Math.floor(cy - ry)); y <= Math.min(raster.height - 1, cy + ry); y++) {
    for (let x = Math.max(MARGIN, Math.floor(cx - rx)); x < Math.min(raster.width - MARGIN, cx + rx); x++) {
      const distance = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2
      if (distance >= 1) continue
      const factor = 1 - SHADOW_DEPTH * (1 - distance) ** 0.7
      const i = 3 * (y * raster.width + x)
      for (let c = 0; c < 3; c++) raster.data[i + c] = Math.round((raster.data[i + c] as number) * factor)
    }
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
