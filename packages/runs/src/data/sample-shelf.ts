import { open, type FileHandle } from 'node:fs/promises'
import { type Sample, type SampleShelf, temporaryName } from '@dda-thinker/plugin-api'
import { fileError, nodeFiles } from '@dda-thinker/store'
import { errors } from '../errors.ts'

const LENGTH_BYTES = 4
/** One read gets a usual sample whole. */
const AT_ONCE = 16 * 1024

/** Samples in a temporary file beside the data; memory holds nothing of them. A ticket is the offset of a sample. */
export class FileShelf implements SampleShelf {
  readonly #path: string
  #handle: Promise<FileHandle> | undefined
  #end = 0

  /** @param beside file whose folder the shelf lies in; nothing is made before something is put away */
  constructor(beside: string) {
    this.#path = temporaryName(beside)
  }

  async put(sample: Sample): Promise<number> {
    const text = Buffer.from(JSON.stringify(sample))
    const record = Buffer.allocUnsafe(LENGTH_BYTES + text.length)
    record.writeUInt32LE(text.length)
    text.copy(record, LENGTH_BYTES)
    const ticket = this.#end
    this.#end += record.length
    return this.#guard('write', async () => {
      // A short write is an error of a full disk sooner or later: the rest is written until it is.
      const handle = await this.#open()
      for (let done = 0; done < record.length;) {
        const { bytesWritten } = await handle.write(record, done, record.length - done, ticket + done)
        done += bytesWritten
      }
      return ticket
    })
  }

  async take(ticket: number): Promise<Sample> {
    if (!Number.isSafeInteger(ticket) || ticket < 0 || ticket >= this.#end) {
      throw errors.make('DDA_CURATOR_TICKET', { ticket: String(ticket) }, { stage: 'curate' })
    }
    const start = await this.#read(ticket, Math.min(AT_ONCE, this.#end - ticket))
    const length = start.readUInt32LE()
    const whole =
      start.length >= LENGTH_BYTES + length
        ? start.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
        : await this.#read(ticket + LENGTH_BYTES, length)
    return JSON.parse(whole.toString('utf8')) as Sample
  }

  /** Removes the file. Never fails. */
  async close(): Promise<void> {
    if (this.#handle === undefined) return
    const handle = await this.#handle.catch(() => undefined)
    this.#handle = undefined
    await handle?.close().catch(() => undefined)
    await nodeFiles.rm(this.#path, { force: true }).catch(() => undefined)
  }

  async #read(offset: number, length: number): Promise<Buffer> {
    return this.#guard('read', async () => {
      const buffer = Buffer.allocUnsafe(length)
      const { bytesRead } = await (await this.#open()).read(buffer, 0, length, offset)
      return buffer.subarray(0, bytesRead)
    })
  }

  #open(): Promise<FileHandle> {
    this.#handle ??= open(this.#path, 'wx+')
    return this.#handle
  }

  async #guard<T>(action: 'read' | 'write', work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw fileError(error, action, this.#path)
    }
  }
}
