import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'

/**
 * The drawing of every kind as pixels, so that a world is the same on every machine and opens without a set of icons and a
 * rasteriser: both together take a process most of a second. Made by scripts/describe-looks.ts; a test holds it to the icons.
 */
const FILE = new URL('../../drawings.bin', import.meta.url)
const DIGEST_BYTES = 32

/** The pixels of a kind's drawing: RGBA, 8 bits, row-major. Undefined for a kind that is not in the catalogue. */
export type Drawings = (kind: string) => Uint8Array | undefined

/**
 * @param kinds names of the kinds, in the order of the file
 * @param recipe all that the drawings follow from, but for the installed icons
 * @returns undefined where the file was made from another recipe (a catalogue that somebody is changing): then they are drawn
 */
export function readDrawings(kinds: readonly string[], recipe: string): Drawings | undefined {
  const data = readFileSync(FILE)
  if (!data.subarray(0, DIGEST_BYTES).equals(digestOf(recipe))) return undefined
  const drawings = new Map<string, Buffer>()
  let start = DIGEST_BYTES + 4 * kinds.length
  for (const [i, kind] of kinds.entries()) {
    const end = start + data.readUInt32LE(DIGEST_BYTES + 4 * i)
    drawings.set(kind, data.subarray(start, end))
    start = end
  }
  return (kind) => {
    const packed = drawings.get(kind)
    return packed === undefined ? undefined : brotliDecompressSync(packed)
  }
}

/** The content of the file: a digest of the recipe, the bytes of each drawing (32 bits, little-endian), and each in Brotli. */
export function encodeDrawings(drawings: readonly Uint8Array[], recipe: string): Uint8Array {
  const packed = drawings.map((pixels) => brotliCompressSync(pixels))
  const lengths = Buffer.alloc(4 * packed.length)
  packed.forEach(({ length }, i) => lengths.writeUInt32LE(length, 4 * i))
  return Buffer.concat([digestOf(recipe), lengths, ...packed])
}

function digestOf(recipe: string): Buffer {
  return createHash('sha256').update(recipe).digest()
}
