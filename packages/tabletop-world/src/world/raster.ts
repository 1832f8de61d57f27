import type { Raster } from '@dda-thinker/pictures'

export type { Raster }

/** A cut-out: straight (not premultiplied) RGB and alpha, floats in 0..255 and 0..1. */
export interface Sprite {
  readonly width: number
  readonly height: number
  /** Length `4 * width * height`. */
  readonly data: Float32Array
}

export type Rgb = readonly [number, number, number]

export function newSprite(width: number, height: number): Sprite {
  return { width, height, data: new Float32Array(4 * width * height) }
}

export function copySprite(sprite: Sprite): Sprite {
  return { width: sprite.width, height: sprite.height, data: sprite.data.slice() }
}

export function copyRaster(raster: Raster): Raster {
  return { width: raster.width, height: raster.height, data: raster.data.slice() }
}

/** Colours times alpha, as sums over areas need them. */
export function premultiply({ data }: Sprite): Float32Array {
  const out = new Float32Array(data.length)
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3] as number
    if (alpha === 0) continue
    out[i] = (data[i] as number) * alpha
    out[i + 1] = (data[i + 1] as number) * alpha
    out[i + 2] = (data[i + 2] as number) * alpha
    out[i + 3] = alpha
  }
  return out
}

/**
 * Scales by averaging over the area each target pixel covers, in premultiplied space, so that edges stay clean.
 *
 * @param source the sprite's premultiplied pixels, where the caller scales it more than once
 */
export function scaleSprite(sprite: Sprite, width: number, height: number, source = premultiply(sprite)): Sprite {
  const narrow = newSprite(width, sprite.height)
  averageLines(source, narrow.data, sprite.height, { from: sprite.width, to: width, step: 4 }, [
    4 * sprite.width,
    4 * width,
  ])
  const out = newSprite(width, height)
  averageLines(narrow.data, out.data, width, { from: sprite.height, to: height, step: 4 * width }, [4, 4])
  for (let i = 0; i < out.data.length; i += 4) {
    const alpha = out.data[i + 3] as number
    if (alpha > 0) for (let c = 0; c < 3; c++) out.data[i + c] = (out.data[i + c] as number) / alpha
  }
  return out
}

interface Axis {
  readonly from: number
  readonly to: number
  /** Distance of neighbours along the axis in the array. */
  readonly step: number
}

/** Area averages along one axis for each of `lines` lines, whose starts lie `strides` apart in source and target. */
function averageLines(
  source: Float32Array,
  target: Float32Array,
  lines: number,
  { from, to, step }: Axis,
  [sourceStride, targetStride]: readonly [number, number],
): void {
  const ratio = from / to
  for (let i = 0; i < to; i++) {
    const start = i * ratio
    const end = Math.min(from, start + ratio)
    for (let s = Math.floor(start); s < end - 1e-9; s++) {
      const share = (Math.min(end, s + 1) - Math.max(start, s)) / ratio
      for (let line = 0, a = s * step, b = i * step; line < lines; line++, a += sourceStride, b += targetStride) {
        // Most of a drawing is empty. Written out: looks are drawn by the thousand when a world opens.
        const alpha = source[a + 3] as number
        if (alpha === 0) continue
        target[b] = (target[b] as number) + share * (source[a] as number)
        target[b + 1] = (target[b + 1] as number) + share * (source[a + 1] as number)
        target[b + 2] = (target[b + 2] as number) + share * (source[a + 2] as number)
        target[b + 3] = (target[b + 3] as number) + share * alpha
      }
    }
  }
}

/** Draws a sprite onto a picture with its top left corner at (left, top); what falls outside is cut off. */
export function paste(onto: Raster, sprite: Sprite, left: number, top: number): void {
  for (let y = Math.max(0, -top); y < sprite.height && y + top < onto.height; y++) {
    for (let x = Math.max(0, -left); x < sprite.width && x + left < onto.width; x++) {
      const s = 4 * (y * sprite.width + x)
      const alpha = sprite.data[s + 3] as number
      if (alpha === 0) continue
      const d = 3 * ((y + top) * onto.width + x + left)
      for (let c = 0; c < 3; c++) {
        onto.data[d + c] = Math.round(
          (sprite.data[s + c] as number) * alpha + (onto.data[d + c] as number) * (1 - alpha),
        )
      }
    }
  }
}

/** Smallest box around the pixels with at least a tenth of alpha; `undefined` for an empty sprite. */
export function boxOf(sprite: Sprite): Box | undefined {
  let left = sprite.width
  let top = sprite.height
  let right = -1
  let bottom = -1
  for (let y = 0; y < sprite.height; y++) {
    for (let x = 0; x < sprite.width; x++) {
      if ((sprite.data[4 * (y * sprite.width + x) + 3] as number) < 0.1) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 }
}

/** In pixels; right and bottom are exclusive: `left + width`, `top + height`. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}
