import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { endianness } from 'node:os'
import type { Box } from '../world/raster.ts'

/** What is known of a look without its drawing. */
export interface LookFacts {
  /** The drawn part of the sprite's square. */
  readonly box: Box
  readonly descriptor: Float32Array
}

/**
 * Every look, described once and for all: drawing the hundreds of them takes a second, which every process that looks at a picture
 * would spend. Made by scripts/describe-looks.ts; a test holds it to what is drawn.
 */
const FILE = new URL('../../looks.bin', import.meta.url)
const DIGEST_BYTES = 32
const BOX_BYTES = 4

/**
 * The facts of these looks in their order, or undefined where the file is of other looks than these (a catalogue that somebody is
 * changing): then they are drawn.
 */
export function readLooks(names: readonly string[], dimensions: number): readonly LookFacts[] | undefined {
  const data = brotliDecompressSync(readFileSync(FILE))
  const record = BOX_BYTES + 4 * dimensions
  const same = data.subarray(0, DIGEST_BYTES).equals(digestOf(names))
  if (!same || data.length !== DIGEST_BYTES + names.length * record || endianness() !== 'LE') return undefined
  return names.map((_, i) => {
    const start = DIGEST_BYTES + i * record
    const [left = 0, top = 0, width = 0, height = 0] = data.subarray(start, start + BOX_BYTES)
    const descriptor = new Float32Array(dimensions)
    new Uint8Array(descriptor.buffer).set(data.subarray(start + BOX_BYTES, start + record))
    return { box: { left, top, width, height }, descriptor }
  })
}

/** The content of the file: boxes as bytes, descriptors as little-endian floats, Brotli around them. */
export function encodeLooks(looks: readonly (LookFacts & { readonly name: string })[]): Uint8Array {
  const records = looks.flatMap(({ box: { left, top, width, height }, descriptor }) => [
    Uint8Array.of(left, top, width, height),
    new Uint8Array(descriptor.buffer),
  ])
  return brotliCompressSync(Buffer.concat([digestOf(looks.map(({ name }) => name)), ...records]))
}

function digestOf(names: readonly string[]): Buffer {
  return createHash('sha256').update(names.join('\n')).digest()
}
