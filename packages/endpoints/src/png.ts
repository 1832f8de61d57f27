import { promisify } from 'node:util'
import { crc32, inflate as inflateCallback } from 'node:zlib'
import { BadImage, type Size } from './bad-image.ts'

const inflate = promisify(inflateCallback)

/** Samples a pixel, by colour type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
/** Passes of Adam7: first column, first row, column step, row step. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/**
 * Reads a PNG to its end: order and checksums of chunks, and that the pixel data unpack to what the header promises, with
 * the promise as a hard limit on memory (PNG specification, third edition, sections 5, 7 and 10).
 * @param fits throws where the size is unbearable; called before anything is unpacked
 */
export async function checkPng(data: Buffer, fits: (width: number, height: number) => void): Promise<Size> {
  let header: Buffer | undefined
  let ended = false
  const pixels: Buffer[] = []
  for (let at = 8; at < data.length && !ended;) {
    if (at + 12 > data.length) throw new BadImage('the PNG ends inside a chunk')
    const length = data.readUInt32BE(at)
    const end = at + 12 + length
    if (end > data.length) throw new BadImage('the PNG ends inside a chunk')
    const type = data.toString('latin1', at + 4, at + 8)
    if (crc32(data.subarray(at + 4, end - 4)) !== data.readUInt32BE(end - 4)) {
      throw new BadImage('a checksum of the PNG is wrong')
    }
    const body = data.subarray(at + 8, end - 4)
    if ((header === undefined) !== (type === 'IHDR')) throw new BadImage('the PNG has no proper header')
    if (type === 'IHDR') {
      if (body.length !== 13) throw new BadImage('the PNG has no proper header')
      header = body
      fits(body.readUInt32BE(0), body.readUInt32BE(4))
    }
    if (type === 'acTL') throw new BadImage('it is an animated PNG', false)
    if (type === 'IDAT') pixels.push(body)
    ended = type === 'IEND'
    at = end
  }
  if (header === undefined || !ended) throw new BadImage('the PNG ends too early')
  await checkPixels(header, Buffer.concat(pixels))
  return { width: header.readUInt32BE(0), height: header.readUInt32BE(4) }
}

async function checkPixels(header: Buffer, packed: Buffer): Promise<void> {
  const expected = rawLength(header)
  let raw: Buffer
  try {
    // One byte more than promised: what wants more is a bomb or damaged, and is stopped there.
    raw = await inflate(packed, { maxOutputLength: expected + 1 })
  } catch {
    throw new BadImage('the pixel data of the PNG do not unpack to its size')
  }
  if (raw.length !== expected) throw new BadImage('the pixel data of the PNG do not unpack to its size')
}

/** Bytes of all filtered scan lines. */
function rawLength(header: Buffer): number {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const channels = CHANNELS[header[9] ?? -1]
  const depth = header[8] ?? 0
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth)) throw new BadImage('the PNG has no proper header')
  const lines = (columns: number, rows: number): number =>
    columns > 0 && rows > 0 ? rows * (1 + Math.ceil((columns * channels * depth) / 8)) : 0
  if (header[12] !== 1) return lines(width, height)
  return ADAM7.reduce(
    (sum, [x, y, dx, dy]) => sum + lines(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
    0,
  )
}
