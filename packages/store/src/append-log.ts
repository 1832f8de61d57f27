import type { Hash } from 'node:crypto'
import { dirname } from 'node:path'
import { mkdir, type FileHandle } from 'node:fs/promises'
import { hashStart } from './file-hash.ts'
import { errno, fileError, nodeFiles, type Files } from './files.ts'
import { oneLine } from './lines.ts'
import { openRegular } from './regular-file.ts'

const NEWLINE = 10

export interface AppendLogOptions {
  /** Bytes to keep of an existing file; what follows is cut off. Default: all up to the last complete line. */
  readonly keep?: number
  readonly files?: Files
  /** Keep the hash of all lines at hand, see {@link AppendLog.sha256}. Default false. */
  readonly hashed?: boolean
}

/**
 * A file of JSON lines that only grows. Lines that are appended in one turn of the event loop go out together at its end (they then
 * survive `kill -9`; {@link sync} makes them survive a power cut). That write is synchronous: to hand a few kilobytes to
 * the page cache takes microseconds, the way through the thread pool several times as long. A line is complete or, after a crash, dropped
 * when the log is opened again.
 */
export class AppendLog {
  readonly path: string
  readonly #handle: FileHandle
  readonly #files: Files
  /** Bytes known to be written. */
  #written: number
  /** Bytes written and queued. */
  #end: number
  #queue: string[] = []
  /** The write at the end of this turn, where there is something to write. */
  #next: Promise<void> | undefined
  #failure: Error | undefined
  readonly #hash: Hash | undefined

  private constructor(path: string, handle: FileHandle, files: Files, size: number, hash: Hash | undefined) {
    this.path = path
    this.#handle = handle
    this.#files = files
    this.#written = size
    this.#end = size
    this.#hash = hash
  }

  /** @throws DdaError `DDA_DISK_FULL`, `DDA_FILE_SYSTEM` */
  static async open(path: string, options: AppendLogOptions = {}): Promise<AppendLog> {
    const files = options.files ?? nodeFiles
    try {
      await mkdir(dirname(path), { recursive: true })
      const complete = await completeBytes(path, files)
      const size = Math.min(options.keep ?? complete, complete)
      const handle = await files.open(path, 'a')
      try {
        if ((await handle.stat()).size > size) await handle.truncate(size)
        const hash = options.hashed === true ? await hashStart(path, size) : undefined
        return new AppendLog(path, handle, files, size, hash)
      } catch (error) {
        await handle.close()
        throw error
      }
    } catch (error) {
      throw fileError(error, 'open', path)
    }
  }

  /** Bytes of all lines so far, also of those still on their way. */
  get size(): number {
    return this.#end
  }

  /** Hex SHA-256 of all lines so far, also of those still on their way; of a `hashed` log. */
  get sha256(): string | undefined {
    return this.#hash?.copy().digest('hex')
  }

  /** Bytes waiting to be written. */
  get buffered(): number {
    return this.#end - this.#written
  }

  /**
   * Queues a line (JSON, without its newline) and returns its offset at once. A failed write is thrown by the next call of any
   * method; the file is then cut back to its last whole write.
   */
  append(json: string): number {
    if (this.#failure !== undefined) throw this.#failure
    const offset = this.#end
    const line = oneLine(json)
    this.#queue.push(line, '\n')
    this.#hash?.update(line).update('\n')
    this.#end += Buffer.byteLength(line) + 1
    this.#next ??= this.#endOfTurn()
    return offset
  }

  /** Resolves when all that was appended so far is with the operating system. */
  async flush(): Promise<void> {
    await this.#next
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Like {@link flush}, and on the disk. */
  async sync(): Promise<void> {
    await this.flush()
    try {
      await this.#handle.datasync()
    } catch (error) {
      throw fileError(error, 'sync', this.path)
    }
  }

  /** Writes what is queued and closes, also after a failure; throws the failure. */
  async close(): Promise<void> {
    await this.#next
    await this.#handle.close()
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Never rejects: the failure is kept for the callers. */
  #endOfTurn(): Promise<void> {
    return new Promise((resolve) => setImmediate(() => resolve(this.#write())))
  }

  async #write(): Promise<void> {
    const bytes = Buffer.from(this.#queue.join(''))
    this.#queue = []
    this.#next = undefined
    if (this.#failure !== undefined) return
    try {
      for (let done = 0; done < bytes.length;) done += this.#files.writeSync(this.#handle.fd, bytes, done)
      this.#written += bytes.length
    } catch (error) {
      this.#failure = fileError(error, 'write', this.path)
      await this.#handle.truncate(this.#written).catch(() => undefined)
    }
  }
}

/** Length of the file up to and including its last newline; 0 where there is no file. */
async function completeBytes(path: string, files: Files): Promise<number> {
  let handle: FileHandle
  try {
    handle = await openRegular(path, files)
  } catch (error) {
    if (errno(error) === 'ENOENT') return 0
    throw error
  }
  try {
    const chunk = Buffer.allocUnsafe(64 * 1024)
    let end = (await handle.stat()).size
    while (end > 0) {
      const from = Math.max(0, end - chunk.length)
      const { bytesRead } = await handle.read(chunk, 0, end - from, from)
      const at = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE)
      if (at >= 0) return from + at + 1
      end = from
    }
    return 0
  } finally {
    await handle.close()
  }
}
