import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** Bytes of a read: by Node's own 64 KiB, a large file costs more in calls of the system than in hashing. */
const CHUNK = 256 * 1024

/** Hex SHA-256 of a file of any size: read as a stream, because Node reads no more than 2 GiB at once, and memory is for models. */
export async function hashOfFile(path: string): Promise<string> {
  return (await update(createHash('sha256'), createReadStream(path, { highWaterMark: CHUNK }))).digest('hex')
}

/** Hex SHA-256 of the first so many bytes of a file. */
export async function hashOfStart(path: string, bytes: number): Promise<string> {
  return (await hashStart(path, bytes)).digest('hex')
}

/** The same, to be continued. */
export async function hashStart(path: string, bytes: number): Promise<Hash> {
  const hash = createHash('sha256')
  return bytes === 0 ? hash : update(hash, createReadStream(path, { end: bytes - 1, highWaterMark: CHUNK }))
}

async function update(hash: Hash, stream: AsyncIterable<unknown>): Promise<Hash> {
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash
}
