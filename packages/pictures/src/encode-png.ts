import { crc32, deflateSync } from 'node:zlib'

/** An opaque picture: RGB, 8 bits a channel, rows from the top. */
export interface Raster {
  readonly width: number
  readonly height: number
  /** Length `3 * width * height`. */
  readonly data: Uint8Array
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/** Rows of drawings, which are encoded by the thousand, are filtered in the same place each time. */
let scratch = new Uint8Array(0)
/** Bytes that are kept for the next picture. */
const MOST_KEPT = 2 ** 20

/**
 * Encodes 8-bit RGB as PNG (W3C PNG, third edition): one IDAT, filter `sub` on every row, deflate level 1. Rows of
 * drawings are nearly constant in x, so `sub` leaves mostly zeros. Same pixels, same bytes on one zlib build.
 */
export function encodePng(raster: Raster): Uint8Array {
  const { width, height, data } = raster
  const stride = 3 * width
  const filtered = scratchOf(height * (stride + 1))
  for (let y = 0; y < height; y++) {
    const from = y * stride
    const to = y * (stride + 1)
    filtered[to] = 1
    for (let i = 0; i < 3; i++) filtered[to + 1 + i] = data[from + i] as number
    for (let i = from + 3, o = to + 4; i < from + stride; i++, o++) {
      filtered[o] = (data[i] as number) - (data[i - 3] as number)
    }
  }
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  header.set([8, 2, 0, 0, 0], 8)
  const parts = [
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(filtered, { level: 1 })),
    chunk('IEND', new Uint8Array(0)),
  ]
  return new Uint8Array(Buffer.concat(parts))
}

/** Holds what it held before. */
function scratchOf(length: number): Uint8Array {
  if (length > MOST_KEPT) return new Uint8Array(length)
  if (scratch.length < length) scratch = new Uint8Array(length)
  return scratch.subarray(0, length)
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + body.length)
  const view = new DataView(out.buffer)
  view.setUint32(0, body.length)
  out.set(Buffer.from(type, 'latin1'), 4)
  out.set(body, 8)
  view.setUint32(8 + body.length, crc32(out.subarray(4, 8 + body.length)))
  return out
}
