import { createHash } from 'node:crypto'
import sharp from 'sharp'
import { errors } from '../errors.ts'
import { Lru } from './lru.ts'
import type { Raster } from './raster.ts'

// 256 pictures of the canvas are 43 MB.
const decoded = new Lru<string, Promise<Raster>>(256)

/**
 * Decodes PNG (or any picture sharp reads) to RGB; alpha is laid over white. Recent pictures are kept.
 *
 * @param hash SHA-256 of the bytes, where the caller knows it
 * @throws DdaError `DDA_IMAGE_INVALID` (kind `bad-input`) where the bytes are not a picture
 */
export async function decodePng(bytes: Uint8Array, hash: string = hashOf(bytes)): Promise<Raster> {
  const known = decoded.get(hash)
  if (known !== undefined) return known
  const work = decode(bytes)
  decoded.set(hash, work)
  return work
}

/** Keeps the pixels of bytes just encoded, so that whoever is given the bytes need not decode them. */
export function rememberRaster(hash: string, raster: Raster): void {
  decoded.set(hash, Promise.resolve(raster))
}

/** Lower-case hex SHA-256. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function decode(bytes: Uint8Array): Promise<Raster> {
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: 64_000_000 })
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels`)
    return { width: info.width, height: info.height, data: new Uint8Array(data) }
  } catch (cause) {
    throw errors.make('DDA_IMAGE_INVALID/tabletop', {}, { kind: 'bad-input', cause })
  }
}
