import { open } from 'node:fs/promises'

/** Far more than a job says between two looks; a log of days is longer than a text can be. */
const TAIL = 64 * 2 ** 20

/** The end of a log, from the beginning of a line on. @param most bytes */
export async function logTail(file: string, most: number = TAIL): Promise<string> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const from = Math.max(0, size - most)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
    const end = buffer.subarray(0, bytesRead)
    return end.toString('utf8', from === 0 ? 0 : end.indexOf(10) + 1)
  } finally {
    await handle.close()
  }
}
