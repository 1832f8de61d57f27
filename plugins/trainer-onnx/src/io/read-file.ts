import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

/** Node reads no more than 2 GiB at once. */
const BLOCK = 64 * 2 ** 20

/** A file of any size in one array, and its hex SHA-256, which is made as it is read. */
export async function readWithHash(path: string): Promise<{ readonly bytes: Uint8Array; readonly sha256: string }> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(size)
    const hash = createHash('sha256')
    let at = 0
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, Math.min(BLOCK, size - at), at)
      // It has become shorter meanwhile.
      if (bytesRead === 0) break
      hash.update(bytes.subarray(at, at + bytesRead))
      at += bytesRead
    }
    return { bytes: bytes.subarray(0, at), sha256: hash.digest('hex') }
  } finally {
    await file.close()
  }
}

/** Hex SHA-256 of any number of bytes; a hash takes no more than 2 GiB at once. */
export function sha256(bytes: Uint8Array): string {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += BLOCK) hash.update(bytes.subarray(at, at + BLOCK))
  return hash.digest('hex')
}
