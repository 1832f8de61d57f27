import { type Rgb, type Sprite, copySprite, newSprite, premultiply } from './raster.ts'

/**
 * How each state changes a drawing: deterministic, in place of a second drawing for every pair of kind and state. All
 * work on the square master (see `sprites.ts`), so that the smallest size still shows them.
 */
export const LOOKS: Readonly<Record<string, (master: Sprite) => Sprite>> = {
  rotten,
  wilted,
  wet,
  burnt,
  frozen,
  cracked,
  rusty,
  dusty,
  melted,
}

/** Brown-green flesh with dark blotches. */
function rotten(master: Sprite): Sprite {
  return recolour(master, (rgb, x, y) => {
    const blotch = noise(x / 15, y / 15, 3) > 0.6
    return blotch ? mix(rgb, [44, 34, 24], 0.88) : mix(scale(rgb, 0.82), [112, 94, 46], 0.56)
  })
}

/** Straw-coloured and drooping to the right. */
function wilted(master: Sprite): Sprite {
  const faded = recolour(master, (rgb) => mix(rgb, mix(grey(rgb, 0.75), [168, 128, 70], 0.62), 0.8))
  const size = master.height
  return warp(faded, (x, y) => {
    const up = 1 - y / size
    const lean = 0.42 * size * up ** 2
    return [x - lean + 0.05 * size, size - (size - y) / 0.8]
  })
}

/** Darker, bluish, beaded with drops, standing in its own water. */
function wet(master: Sprite): Sprite {
  const size = master.width
  const out = newSprite(size, size)
  ellipse(out, 0.5 * size, 0.9 * size, 0.47 * size, 0.09 * size, [70, 176, 240], 0.95)
  ellipse(out, 0.46 * size, 0.885 * size, 0.33 * size, 0.045 * size, [176, 226, 255], 0.9)
  lay(
    out,
    recolour(squash(master, 0.93, 0.93), (rgb) => mix(scale(rgb, 0.72), [52, 112, 190], 0.3)),
  )
  const drops = [
    [0.3, 0.3],
    [0.62, 0.22],
    [0.48, 0.5],
    [0.72, 0.55],
    [0.25, 0.62],
    [0.55, 0.74],
  ] as const
  for (const [x, y] of drops) drop(out, x * size, y * size, 0.062 * size)
  return out
}

/** Charcoal with glowing seams. */
function burnt(master: Sprite): Sprite {
  return recolour(master, (rgb, x, y) => {
    const seam = Math.abs(noise(x / 20, y / 20, 11) - 0.5)
    const char = scale(mix(grey(rgb, 1), [70, 62, 66], 0.55), 0.5)
    if (seam < 0.022) return [255, 150, 40]
    if (seam < 0.045) return [196, 66, 22]
    return char
  })
}

/** Ice blue, bright at the rim, with icicles below. */
function frozen(master: Sprite): Sprite {
  const size = master.width
  const body = squash(master, 0.9, 0.9)
  const out = newSprite(size, size)
  for (const [x, length] of [
    [0.28, 0.1],
    [0.42, 0.15],
    [0.57, 0.11],
    [0.7, 0.15],
  ] as const) {
    for (let t = 0; t < 1; t += 0.04) {
      const y = (0.82 + length * t + 0.02) * size
      disc(out, x * size, y, (1 - t) * 0.045 * size + 0.6, [168, 220, 250], 0.95)
    }
  }
  lay(
    out,
    recolour(body, (rgb, x, y) => {
      const rim = 1 - alphaAround(body, x, y, 5)
      const frosted = mix(mix(grey(rgb, 0.45), rgb, 0.35), [150, 214, 255], 0.56)
      const glitter = noise(x / 5, y / 5, 23) > 0.8 ? 0.75 : 0
      return mix(frosted, [244, 252, 255], Math.min(1, glitter + 1.5 * rim))
    }),
  )
  return out
}

/** A zigzag crack from rim to rim and a missing chip. */
function cracked(master: Sprite): Sprite {
  const size = master.width
  const out = copySprite(master)
  chip(out, [0.56, 0.0], [0.98, -0.02], [0.72, 0.34])
  const light = luminance(master) < 120
  const dark: Rgb = light ? [250, 250, 255] : [40, 32, 44]
  const halo: Rgb = light ? [60, 54, 70] : [255, 255, 255]
  const cracks = [
    [
      [0.7, 0.3],
      [0.54, 0.42],
      [0.64, 0.54],
      [0.42, 0.68],
      [0.5, 0.8],
      [0.34, 1],
    ],
    [
      [0.54, 0.42],
      [0.34, 0.36],
      [0.24, 0.48],
      [0.02, 0.42],
    ],
    [
      [0.64, 0.54],
      [0.8, 0.62],
      [0.86, 0.76],
      [1, 0.8],
    ],
  ] as const
  for (const [colour, width, shift] of [
    [halo, 0.014, 0.028],
    [dark, 0.021, 0],
  ] as const) {
    for (const crack of cracks) {
      for (let i = 1; i < crack.length; i++) {
        const [x0, y0] = crack[i - 1] as readonly [number, number]
        const [x1, y1] = crack[i] as readonly [number, number]
        for (let t = 0; t <= 1; t += 0.03) {
          tint(out, (x0 + (x1 - x0) * t + shift) * size, (y0 + (y1 - y0) * t + shift) * size, width * size, colour)
        }
      }
    }
  }
  return out
}

/** Orange-brown, pitted. */
function rusty(master: Sprite): Sprite {
  return recolour(master, (rgb, x, y) => {
    const coarse = noise(x / 13, y / 13, 31)
    const fine = noise(x / 4.5, y / 4.5, 37)
    const base = mix(scale(grey(rgb, 0.6), 0.86), coarse > 0.5 ? [206, 98, 26] : [164, 72, 26], 0.74)
    return fine > 0.68 ? mix(base, [92, 40, 18], 0.75) : base
  })
}

/** A grey film, thickest on top, and a cobweb in the corner. */
function dusty(master: Sprite): Sprite {
  const size = master.width
  const out = recolour(master, (rgb, x, y) => {
    const top = 1 - alphaAbove(master, x, y, 9)
    const film = 0.5 + 0.22 * noise(x / 10, y / 10, 41)
    return mix(mix(grey(rgb, 0.6), [176, 170, 160], film), [214, 208, 198], 0.9 * top)
  })
  const [cx, cy] = [0.995 * size, 0.005 * size]
  const thread: Rgb = [250, 250, 250]
  for (const angle of [1.62, 2.02, 2.36, 2.7, 3.1]) {
    for (let r = 0; r < 0.46 * size; r += 0.6) stroke(out, cx + r * Math.cos(angle), cy + r * Math.sin(angle), thread)
  }
  for (const radius of [0.17, 0.29, 0.41]) {
    for (let angle = 1.6; angle < 3.12; angle += 0.012) {
      const sag = 1 - 0.07 * Math.abs(Math.sin((angle - 1.6) * 8))
      stroke(out, cx + radius * sag * size * Math.cos(angle), cy + radius * sag * size * Math.sin(angle), thread)
    }
  }
  return out
}

/** Slumped to half its height in a pool of its own colour. */
function melted(master: Sprite): Sprite {
  const size = master.width
  const colour = meanColour(master)
  const out = newSprite(size, size)
  ellipse(out, 0.5 * size, 0.87 * size, 0.495 * size, 0.105 * size, scale(colour, 0.86), 1)
  ellipse(out, 0.5 * size, 0.855 * size, 0.45 * size, 0.075 * size, mix(colour, [255, 255, 255], 0.16), 1)
  const slumped = warp(master, (x, y) => {
    const up = (0.9 * size - y) / (0.5 * size)
    const spread = 1.06 - 0.32 * Math.max(0, Math.min(1, up))
    const drip = 0.05 * size * Math.sin(x / 7)
    return [0.5 * size + (x - 0.5 * size) / spread, size * (1 - up) + drip * Math.max(0, 1 - up)]
  })
  lay(out, slumped)
  for (const [x, y] of [
    [0.2, 0.88],
    [0.5, 0.92],
    [0.8, 0.875],
  ] as const) {
    ellipse(out, x * size, y * size, 0.07 * size, 0.018 * size, [255, 255, 255], 0.55)
  }
  return out
}

// Tools of the trade: small loops over the master.

function recolour(sprite: Sprite, change: (rgb: Rgb, x: number, y: number) => Rgb): Sprite {
  const out = copySprite(sprite)
  for (let y = 0; y < sprite.height; y++) {
    for (let x = 0; x < sprite.width; x++) {
      const i = 4 * (y * sprite.width + x)
      if ((out.data[i + 3] as number) === 0) continue
      out.data.set(change([out.data[i] as number, out.data[i + 1] as number, out.data[i + 2] as number], x, y), i)
    }
  }
  return out
}

/** Each target pixel takes the source pixel that `from` names (bilinear, premultiplied). */
function warp(sprite: Sprite, from: (x: number, y: number) => readonly [number, number]): Sprite {
  const { width, height } = sprite
  const source = premultiply(sprite)
  const out = newSprite(width, height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fx, fy] = from(x, y)
      const sx = Math.floor(fx)
      const sy = Math.floor(fy)
      const i = 4 * (y * width + x)
      if (sx < -1 || sy < -1 || sx >= width || sy >= height) continue
      for (let corner = 0; corner < 4; corner++) {
        const cx = sx + (corner & 1)
        const cy = sy + (corner >> 1)
        if (cx < 0 || cy < 0 || cx >= width || cy >= height) continue
        const weight = (1 - Math.abs(fx - cx)) * (1 - Math.abs(fy - cy))
        const s = 4 * (cy * width + cx)
        for (let c = 0; c < 4; c++) out.data[i + c] = (out.data[i + c] as number) + weight * (source[s + c] as number)
      }
      const alpha = out.data[i + 3] as number
      if (alpha > 0) for (let c = 0; c < 3; c++) out.data[i + c] = (out.data[i + c] as number) / alpha
    }
  }
  return out
}

/** Shrinks towards the middle of the bottom edge, a little above it. */
function squash(sprite: Sprite, sx: number, sy: number): Sprite {
  const size = sprite.width
  return warp(sprite, (x, y) => [0.5 * size + (x - 0.5 * size) / sx, 0.96 * size - (0.9 * size - y) / sy])
}

/** Lays `top` over `out`. */
function lay(out: Sprite, top: Sprite): void {
  for (let i = 0; i < out.data.length; i += 4) {
    blend(
      out,
      i,
      [top.data[i] as number, top.data[i + 1] as number, top.data[i + 2] as number],
      top.data[i + 3] as number,
    )
  }
}

function blend(out: Sprite, i: number, rgb: Rgb, alpha: number): void {
  if (alpha <= 0) return
  const below = out.data[i + 3] as number
  const total = alpha + below * (1 - alpha)
  for (let c = 0; c < 3; c++) {
    out.data[i + c] = ((rgb[c] as number) * alpha + (out.data[i + c] as number) * below * (1 - alpha)) / total
  }
  out.data[i + 3] = total
}

function ellipse(out: Sprite, cx: number, cy: number, rx: number, ry: number, rgb: Rgb, alpha: number): void {
  for (let y = Math.max(0, Math.floor(cy - ry - 1)); y < Math.min(out.height, cy + ry + 2); y++) {
    for (let x = Math.max(0, Math.floor(cx - rx - 1)); x < Math.min(out.width, cx + rx + 2); x++) {
      const inside = (1 - Math.hypot((x - cx) / rx, (y - cy) / ry)) * Math.min(rx, ry)
      blend(out, 4 * (y * out.width + x), rgb, alpha * Math.max(0, Math.min(1, inside + 0.5)))
    }
  }
}

function disc(out: Sprite, cx: number, cy: number, radius: number, rgb: Rgb, alpha: number): void {
  ellipse(out, cx, cy, radius, radius, rgb, alpha)
}

/** A drop of water with a highlight, only where there is something to sit on. */
function drop(out: Sprite, x: number, y: number, radius: number): void {
  if (alphaAround(out, Math.round(x), Math.round(y), 3) < 0.9) return
  disc(out, x, y, radius, [120, 206, 255], 0.95)
  disc(out, x - 0.3 * radius, y - 0.35 * radius, 0.42 * radius, [255, 255, 255], 0.95)
}

/** Colours a disc without touching alpha: paint on the thing, not beside it. */
function tint(out: Sprite, cx: number, cy: number, radius: number, rgb: Rgb): void {
  for (let y = Math.max(0, Math.floor(cy - radius)); y < Math.min(out.height, cy + radius + 1); y++) {
    for (let x = Math.max(0, Math.floor(cx - radius)); x < Math.min(out.width, cx + radius + 1); x++) {
      const cover = Math.max(0, Math.min(1, radius - Math.hypot(x - cx, y - cy) + 0.5))
      const i = 4 * (y * out.width + x)
      for (let c = 0; c < 3; c++) {
        out.data[i + c] = (out.data[i + c] as number) * (1 - cover) + (rgb[c] as number) * cover
      }
    }
  }
}

function stroke(out: Sprite, x: number, y: number, rgb: Rgb): void {
  disc(out, x, y, 0.95, rgb, 0.42)
}

/** Cuts a triangle away; corners as shares of the size. */
function chip(out: Sprite, ...corners: readonly (readonly [number, number])[]): void {
  for (let y = 0; y < out.height; y++) {
    for (let x = 0; x < out.width; x++) {
      const inside = corners.every(([ax, ay], i) => {
        const [bx, by] = corners[(i + 1) % corners.length] as readonly [number, number]
        return (bx - ax) * (y / out.height - ay) - (by - ay) * (x / out.width - ax) >= 0
      })
      if (inside) out.data[4 * (y * out.width + x) + 3] = 0
    }
  }
}

function alphaAround(sprite: Sprite, x: number, y: number, reach: number): number {
  let sum = 0
  for (const [dx, dy] of [
    [-reach, 0],
    [reach, 0],
    [0, -reach],
    [0, reach],
  ] as const)
    sum += alphaAt(sprite, x + dx, y + dy)
  return sum / 4
}

function alphaAbove(sprite: Sprite, x: number, y: number, reach: number): number {
  return (alphaAt(sprite, x, y - reach) + alphaAt(sprite, x, y - Math.round(reach / 2))) / 2
}

function alphaAt(sprite: Sprite, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= sprite.width || y >= sprite.height) return 0
  return sprite.data[4 * (y * sprite.width + x) + 3] as number
}

function meanColour(sprite: Sprite): Rgb {
  const sum = [0, 0, 0]
  let weight = 0
  for (let i = 0; i < sprite.data.length; i += 4) {
    const alpha = sprite.data[i + 3] as number
    for (let c = 0; c < 3; c++) sum[c] = (sum[c] as number) + alpha * (sprite.data[i + c] as number)
    weight += alpha
  }
  const [r, g, b] = sum as [number, number, number]
  return [r / weight, g / weight, b / weight]
}

function luminance(sprite: Sprite): number {
  return grey(meanColour(sprite), 1)[0]
}

function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t]
}

function scale(a: Rgb, factor: number): Rgb {
  return [a[0] * factor, a[1] * factor, a[2] * factor]
}

/** Towards grey of the same luminance (Rec. 601 weights). */
function grey(rgb: Rgb, amount: number): Rgb {
  const y = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]
  return mix(rgb, [y, y, y], amount)
}

/** Smooth value noise in 0..1 with unit cells. */
function noise(x: number, y: number, seed: number): number {
  const [ix, iy] = [Math.floor(x), Math.floor(y)]
  const [u, v] = [smooth(x - ix), smooth(y - iy)]
  const top = lattice(ix, iy, seed) * (1 - u) + lattice(ix + 1, iy, seed) * u
  const bottom = lattice(ix, iy + 1, seed) * (1 - u) + lattice(ix + 1, iy + 1, seed) * u
  return top * (1 - v) + bottom * v
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t)
}

function lattice(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}
