import { LRUCache } from 'lru-cache'
import type { Box, Raster } from '../world/raster.ts'

/** The bare table's rows (RGB) and the place each pixel was given to. */
export interface RegionContext {
  readonly rows: Uint8Array
  readonly cells: Int8Array
}

/**
 * Remembers what was recognised in a patch of pixels. An edited picture shares most of its things with its source, and
 * the edits of one group share most of theirs, so that few patches are ever looked at twice.
 */
export class RegionCache<V> {
  readonly #known: LRUCache<string, { readonly value: V }>

  constructor(limit: number) {
    this.#known = new LRUCache({ max: limit })
  }

  /** @param context everything else the answer hangs on, row by row and pixel by pixel */
  get(raster: Raster, context: RegionContext, box: Box, make: () => V): V {
    const key = keyOf(raster, context, box)
    let known = this.#known.get(key)
    if (known === undefined) this.#known.set(key, (known = { value: make() }))
    return known.value
  }
}

/** Two independent 32-bit hashes over the pixels, and the place: 64 bits make a chance collision negligible. */
function keyOf({ width, data }: Raster, { rows, cells }: RegionContext, box: Box): string {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  for (let y = box.top; y < box.top + box.height; y++) {
    const row = ((rows[3 * y] as number) << 16) | ((rows[3 * y + 1] as number) << 8) | (rows[3 * y + 2] as number)
    a = Math.imul(a ^ row, 0x01000193)
    for (let x = box.left; x < box.left + box.width; x++) {
      const pixel = y * width + x
      const value =
        ((data[3 * pixel] as number) << 16) | ((data[3 * pixel + 1] as number) << 8) | (data[3 * pixel + 2] as number)
      a = Math.imul(a ^ value, 0x01000193)
      a ^= a >>> 13
      b = Math.imul(b ^ (b >>> 15) ^ value ^ (((cells[pixel] as number) + 1) << 24), 0x85ebca6b)
    }
  }
  return `${box.left},${box.top},${box.width},${box.height},${a},${b}`
}
