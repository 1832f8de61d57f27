import { createHash } from 'node:crypto'
import { freshTemporary } from '@dda-thinker/plugin-api'
import { errno, fileChunks, fileError, type Files, jsonLine, nodeFiles, syncFolder } from '@dda-thinker/store'

const NEWLINE = 10

export interface FileFacts {
  readonly sha256: string
  readonly count: number
}

/** SHA-256 of a file; `undefined` where there is none. */
export async function fileHash(path: string): Promise<string | undefined> {
  return (await fileFacts(path))?.sha256
}

/** SHA-256 and lines of a file; `undefined` where there is none. */
export async function fileFacts(path: string): Promise<FileFacts | undefined> {
  const hash = createHash('sha256')
  let count = 0
  try {
    for await (const bytes of fileChunks(path)) {
      hash.update(bytes)
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1
    }
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    throw fileError(error, 'read', path)
  }
  return { sha256: hash.digest('hex'), count }
}

/** A file of JSON lines that takes the place of an older one only when it is complete. */
export async function createLinesFile(path: string, files: Files = nodeFiles) {
  const temporary = await freshTemporary(path)
  const hash = createHash('sha256')
  const folder = path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')))
  let count = 0
  let buffer: string[] = []
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw fileError(error, 'write', path)
    }
  }
  const handle = await guard(async () => {
    await files.mkdir(folder, { recursive: true })
    return files.open(temporary, 'w')
  })
  const flush = async () => {
    const text = buffer.join('')
    buffer = []
    hash.update(text)
    await handle.writeFile(text)
  }
  return {
    async write(value: unknown): Promise<void> {
      buffer.push(`${jsonLine(value)}\n`)
      count += 1
      if (buffer.length >= 64) await guard(flush)
    },
    async commit(): Promise<FileFacts> {
      return guard(async () => {
        await flush()
        await handle.sync()
        await handle.close()
        await files.rename(temporary, path)
        await syncFolder(folder, files)
        return { sha256: hash.digest('hex'), count }
      })
    },
    /** Leaves the older file as it was. */
    async discard(): Promise<void> {
      await handle.close().catch(() => undefined)
      await files.rm(temporary, { force: true }).catch(() => undefined)
    },
  }
}
