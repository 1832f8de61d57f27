import type { Rgb } from './raster.ts'
import { CANVAS } from './scene.ts'

/** A wall and a table top. Every row has one colour, so a picture's edge columns tell the background of each row. */
export interface Background {
  readonly name: string
  readonly wall: Rgb
  readonly table: Rgb
  /** How much the grain darkens or lightens a row, 0..1. */
  readonly grain: number
}

// Muted, so that the flat and saturated drawings stand out.
export const BACKGROUNDS: readonly Background[] = [
  { name: 'honey oak', wall: [236, 229, 216], table: [216, 184, 138], grain: 0.05 },
  { name: 'walnut', wall: [214, 205, 190], table: [150, 118, 96], grain: 0.07 },
  { name: 'sage', wall: [238, 236, 222], table: [176, 196, 170], grain: 0.03 },
  { name: 'sea', wall: [226, 238, 240], table: [150, 192, 198], grain: 0.03 },
  { name: 'dusk', wall: [206, 200, 222], table: [148, 142, 178], grain: 0.04 },
  { name: 'rose', wall: [248, 232, 226], table: [222, 178, 172], grain: 0.03 },
  { name: 'slate', wall: [200, 208, 214], table: [116, 132, 146], grain: 0.04 },
  { name: 'birch', wall: [222, 232, 226], table: [232, 222, 202], grain: 0.04 },
  { name: 'mint', wall: [250, 244, 230], table: [190, 222, 206], grain: 0.03 },
  { name: 'plum', wall: [232, 218, 228], table: [160, 124, 150], grain: 0.05 },
]

/** The table's far edge: objects of the back row stand below it. */
export const HORIZON = 48

/** RGB of each of the canvas's rows; length `3 * CANVAS.height`. Undefined for an unknown name. */
export function backgroundRows(name: string): Uint8Array | undefined {
  const background = BACKGROUNDS.find((one) => one.name === name)
  return background && rowsOf(background)
}

function rowsOf({ wall, table, grain }: Background): Uint8Array {
  const rows = new Uint8Array(3 * CANVAS.height)
  for (let y = 0; y < CANVAS.height; y++) {
    const colour = y < HORIZON ? shade(wall, 0.94 + (0.08 * y) / HORIZON) : tableRow(table, grain, y - HORIZON)
    rows.set(colour.map(Math.round), 3 * y)
  }
  return rows
}

function tableRow(table: Rgb, grain: number, depth: number): number[] {
  if (depth < 2) return shade(table, 0.72)
  if (depth < 4) return shade(table, 1.1)
  const t = depth / (CANVAS.height - HORIZON)
  // Planks widen towards the viewer, each with its own tone and a fine grain of unrelated frequencies.
  const plank = Math.floor(5 * Math.sqrt(t))
  const seam = Math.floor(5 * Math.sqrt((depth - 1) / (CANVAS.height - HORIZON))) !== plank
  const tone = 0.6 * Math.sin(plank * 2.4) + 0.3 * Math.sin(depth * 0.9) + 0.25 * Math.sin(depth * 2.3 + 1)
  return shade(table, (0.95 + 0.08 * t) * (1 + grain * tone) * (seam ? 0.9 : 1))
}

function shade(colour: Rgb, factor: number): number[] {
  return colour.map((value) => Math.min(250, value * factor))
}
