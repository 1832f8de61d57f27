import { createHash, type Hash } from 'node:crypto'
import { fileChunks } from './regular-file.ts'

/** Hex SHA-256 of a file of any size: read as a stream, because Node reads no more than 2 GiB at once, and memory is for models. */
export async function hashOfFile(path: string): Promise<string> {
  return (await update(createHash('sha256'), fileChunks(path))).digest('hex')
}

/** Hex SHA-256 of the first so many bytes of a file. */
export async function hashOfStart(path: string, bytes: number): Promise<string> {
  return (await hashStart(path, bytes)).digest('hex')
}

/** The same, to be continued. */
export async function hashStart(path: string, bytes: number): Promise<Hash> {
  const hash = createHash('sha256')
  return bytes === 0 ? hash : update(hash, fileChunks(path, { end: bytes - 1 }))
}

async function update(hash: Hash, chunks: AsyncIterable<Buffer>): Promise<Hash> {
  for await (const chunk of chunks) hash.update(chunk)
  return hash
}
