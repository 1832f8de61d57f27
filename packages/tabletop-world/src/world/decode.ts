import { createHash } from 'node:crypto'
import { decodePicture } from '@dda-thinker/pictures'
import { LRUCache } from 'lru-cache'
import type { Raster } from './raster.ts'

// 256 pictures of the canvas are 43 MB.
const decoded = new LRUCache<string, Promise<Raster>>({ max: 256 })

/**
 * Decodes PNG, JPEG or WebP to RGB, as all parts of the product do. Recent pictures are kept.
 *
 * @param hash SHA-256 of the bytes, where the caller knows it
 * @throws DdaError `DDA_IMAGE_INVALID`, `DDA_IMAGE_TOO_LARGE` (kind `bad-input`) where the bytes are not a picture
 */
export async function decodePng(bytes: Uint8Array, hash: string = hashOf(bytes)): Promise<Raster> {
  const known = decoded.get(hash)
  if (known !== undefined) return known
  const work = decodePicture(bytes)
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
