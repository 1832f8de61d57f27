import type { Match } from '../sight/match.ts'
import { type Raster, type Sprite, newSprite } from '../world/raster.ts'

/**
 * Cuts a thing out of a picture with its own pixels: the recognised drawing gives the edge (alpha), and the table's
 * known colour is taken out of the half-covered pixels (F = (C − (1 − α) B) / α, the compositing equation).
 *
 * @param rows RGB of each row of the bare table
 */
export function cutOut(raster: Raster, rows: Uint8Array, { template, left, top }: Match): Sprite {
  const { sprite } = template
  const out = newSprite(sprite.width, sprite.height)
  for (let y = 0; y < sprite.height; y++) {
    for (let x = 0; x < sprite.width; x++) {
      const s = 4 * (y * sprite.width + x)
      const alpha = sprite.data[s + 3] as number
      const px = left + x
      const py = top + y
      const outside = px < 0 || py < 0 || px >= raster.width || py >= raster.height
      out.data[s + 3] = alpha
      for (let c = 0; c < 3; c++) {
        // Below half cover the equation magnifies rounding: the drawing's own colour is nearer the truth.
        const own = sprite.data[s + c] as number
        const pixel = outside ? own : (raster.data[3 * (py * raster.width + px) + c] as number)
        const value = outside || alpha < 0.5 ? own : (pixel - (1 - alpha) * (rows[3 * py + c] as number)) / alpha
        out.data[s + c] = Math.min(255, Math.max(0, value))
      }
    }
  }
  return out
}

/**
 * Repaints a thing and its shadow with the bare table, row by row, sparing the drawings of `others`.
 *
 * @param rows RGB of each row of the bare table
 */
export function erase(raster: Raster, rows: Uint8Array, thing: Match, others: readonly Match[]): void {
  const margin = 3
  const { width, height } = thing.template.sprite
  const x0 = Math.max(0, Math.min(thing.left, thing.box.left) - margin)
  const x1 = Math.min(raster.width, thing.left + width + margin)
  const y0 = Math.max(0, Math.min(thing.top, thing.box.top) - margin)
  const y1 = Math.min(raster.height, thing.top + height + margin + 1)
  const near = others.filter(
    ({ left, top, template }) =>
      left < x1 && left + template.sprite.width > x0 && top < y1 && top + template.sprite.height > y0,
  )
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      if (near.some((other) => covers(other, x, y))) continue
      const i = 3 * (y * raster.width + x)
      for (let c = 0; c < 3; c++) raster.data[i + c] = rows[3 * y + c] as number
    }
  }
}

function covers({ template, left, top }: Match, x: number, y: number): boolean {
  const { sprite } = template
  const sx = x - left
  const sy = y - top
  if (sx < 0 || sy < 0 || sx >= sprite.width || sy >= sprite.height) return false
  return (sprite.data[4 * (sy * sprite.width + sx) + 3] as number) > 0.02
}
