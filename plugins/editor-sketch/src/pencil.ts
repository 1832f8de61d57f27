import type { Sprite } from '@dda-thinker/tabletop-world'

/** Levels each colour channel is reduced to. */
const LEVELS = 6
const GRAPHITE = [58, 54, 62] as const

/**
 * A thing as a coloured-pencil drawing: few flat tones, diagonal hatching in the darker ones, a graphite contour just
 * inside the silhouette. The silhouette itself is kept, so that the drawing takes no more room.
 */
export function pencil(sprite: Sprite): Sprite {
  const { width, height } = sprite
  const data = sprite.data.slice()
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 4 * (y * width + x)
      if (read(sprite.data, i + 3) === 0) continue
      const rgb = [0, 1, 2].map((c) => posterise(read(sprite.data, i + c)))
      const luminance = rgb.reduce((sum, value) => sum + value, 0) / 3
      const hatched = (x + y) % 4 === 0 && luminance < 190
      const contour = isContour(sprite, x, y)
      for (let c = 0; c < 3; c++) {
        const tone = hatched ? 0.86 * (rgb[c] as number) + 20 : (rgb[c] as number)
        data[i + c] = contour ? 0.45 * tone + 0.55 * (GRAPHITE[c] as number) : tone
      }
    }
  }
  return { width, height, data }
}

/** To the nearest of {@link LEVELS} tones, a little paler: pencil never covers the paper. */
function posterise(value: number): number {
  const level = Math.round((value / 255) * (LEVELS - 1)) / (LEVELS - 1)
  return 255 * (0.06 + 0.92 * level)
}

/** Is this a covered pixel with an uncovered one next to it? */
function isContour(sprite: Sprite, x: number, y: number): boolean {
  if (alphaAt(sprite, x, y) < 0.5) return false
  return (
    alphaAt(sprite, x - 1, y) < 0.5 ||
    alphaAt(sprite, x + 1, y) < 0.5 ||
    alphaAt(sprite, x, y - 1) < 0.5 ||
    alphaAt(sprite, x, y + 1) < 0.5
  )
}

function alphaAt(sprite: Sprite, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= sprite.width || y >= sprite.height) return 0
  return read(sprite.data, 4 * (y * sprite.width + x) + 3)
}

function read(data: Float32Array, index: number): number {
  return data[index] as number
}
