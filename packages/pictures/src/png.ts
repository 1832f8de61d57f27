import { once } from 'node:events'
import { crc32, createInflate, inflateSync } from 'node:zlib'
import { isSrgbProfile, OTHER_PROFILE } from './colour-profile.ts'
import { exifOrientation, xmpOrientation } from './orientation.ts'
import { BadPicture } from './picture-error.ts'
import type { PictureHeader } from './picture-header.ts'

/** Pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

interface Chunk {
  readonly type: string
  readonly body: Buffer
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
/** Keyword of the text chunk that holds XMP. */
const XMP = 'XML:com.adobe.xmp'
/** Bytes of an unpacked profile: those of printers have one or two million. */
const MOST_PROFILE = 8 * 2 ** 20
/** Bytes that are unpacked in about a millisecond or less. */
const AT_ONCE = 2 ** 20
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

export function isPng(data: Buffer): boolean {
  return data.subarray(0, 8).equals(SIGNATURE)
}

/**
 * Chunks of a PNG in order, from its header to its end (PNG specification, third edition, section 5).
 * @throws BadPicture where it is cut short, starts with another chunk or moves
 */
export function* pngChunks(data: Buffer): Generator<Chunk> {
  for (let at = 8, type = ''; type !== 'IEND';) {
    const length = at + 12 > data.length ? Infinity : data.readUInt32BE(at)
    const end = at + 12 + length
    if (end > data.length)
      throw new BadPicture(at === data.length ? 'the PNG ends too early' : 'the PNG ends inside a chunk')
    type = data.toString('latin1', at + 4, at + 8)
    const body = data.subarray(at + 8, end - 4)
    if ((at === 8) !== (type === 'IHDR') || (at === 8 && length !== 13))
      throw new BadPicture('the PNG has no proper header')
    if (type === 'acTL') throw new BadPicture('it is an animated PNG', false)
    yield { type, body }
    at = end
  }
}

/** Header of a PNG; all of its chunks must be there. */
export function pngHeader(data: Buffer): PictureHeader {
  let header: Buffer | undefined
  let [orientation, xmp]: (number | undefined)[] = []
  let [transparent, otherProfile] = [false, false]
  for (const { type, body } of pngChunks(data)) {
    header ??= body
    if (type === 'tRNS') transparent = true
    else if (type === 'eXIf') orientation ??= exifOrientation(body)
    else if (type === 'iTXt' && body.toString('latin1', 0, XMP.length) === XMP) xmp ??= xmpOrientation(body)
    else if (type === 'iCCP') otherProfile = !isSrgbProfile(unpackedProfile(body))
  }
  if (header === undefined) throw new BadPicture('the PNG ends too early')
  const [depth, colours] = [header[8] ?? 8, header[9] ?? 0]
  const turned = orientation ?? xmp ?? 1
  return {
    width: header.readUInt32BE(0),
    height: header.readUInt32BE(4),
    orientation: turned,
    odd: [
      ...(turned === 1 ? [] : ['an orientation tag']),
      ...(depth > 8 ? [`${depth} bits a channel`] : []),
      ...(transparent || colours === 4 || colours === 6 ? ['transparency'] : []),
      ...(otherProfile ? [OTHER_PROFILE] : []),
    ],
  }
}

/** An embedded profile is packed behind its name (section 11.3.2.3); nothing where it cannot be read. */
function unpackedProfile(body: Buffer): Buffer {
  try {
    return inflateSync(body.subarray(body.indexOf(0) + 2), { maxOutputLength: MOST_PROFILE })
  } catch {
    return Buffer.alloc(0)
  }
}

/**
 * Reads a PNG to its end: checksums of chunks, and that the pixel data unpack to what the header promises and no more (sections
 * 7 and 10). What is unpacked is counted and let go.
 */
export async function checkPng(data: Buffer): Promise<void> {
  let header: Buffer | undefined
  const pixels: Buffer[] = []
  for (const { type, body } of pngChunks(data)) {
    const at = body.byteOffset - data.byteOffset
    if (crc32(data.subarray(at - 4, at + body.length)) !== data.readUInt32BE(at + body.length)) {
      throw new BadPicture('a checksum of the PNG is wrong')
    }
    header ??= body
    if (type === 'IDAT') pixels.push(body)
  }
  if (header === undefined) throw new BadPicture('the PNG has no proper header')
  const expected = rawLength(header)
  if ((await unpackedLength(pixels, expected)) !== expected) {
    throw new BadPicture('the pixel data of the PNG do not unpack to its size')
  }
}

/** @param limit stops soon after so many bytes: what wants more is a bomb or damaged */
async function unpackedLength(packed: readonly Buffer[], limit: number): Promise<number> {
  if (limit <= AT_ONCE) return unpackedAtOnce(packed, limit)
  const inflate = createInflate({ chunkSize: 256 * 1024 })
  let length = 0
  inflate.on('data', (piece: Buffer) => {
    length += piece.length
    if (length > limit) inflate.destroy(new Error('too long'))
  })
  for (const body of packed) inflate.write(body)
  inflate.end()
  try {
    await once(inflate, 'end')
    return length
  } catch {
    return -1
  }
}

/** A small picture is unpacked sooner than a stream for it is made. */
function unpackedAtOnce(packed: readonly Buffer[], limit: number): number {
  try {
    return inflateSync(packed.length === 1 ? (packed[0] as Buffer) : Buffer.concat(packed), {
      maxOutputLength: limit + 1,
      chunkSize: Math.max(64, limit + 1),
    }).length
  } catch {
    return -1
  }
}

/** Bytes of all filtered scan lines. */
function rawLength(header: Buffer): number {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const channels = CHANNELS[header[9] ?? -1]
  const depth = header[8] ?? 0
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth)) throw new BadPicture('the PNG has no proper header')
  const lines = (columns: number, rows: number): number =>
    columns > 0 && rows > 0 ? rows * (1 + Math.ceil((columns * channels * depth) / 8)) : 0
  if (header[12] !== 1) return lines(width, height)
  return ADAM7.reduce(
    (sum, [x, y, dx, dy]) => sum + lines(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
    0,
  )
}
