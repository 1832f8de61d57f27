import { mkdir, open, readdir, type FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type EventBody, eventRecord } from './event-record.ts'

const PREFIX = 'events.out.tfevents.'

/** An event file that only grows. */
export class EventFile {
  readonly #folder: string
  #handle: FileHandle | undefined
  /** What is written before: records of two writers must not mix. */
  #last: Promise<unknown> = Promise.resolve()

  /** @param folder made with the first record; TensorBoard shows it as one run */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Resolves when the record is on the disk. @throws what the file system throws */
  append(step: number, body: EventBody): Promise<void> {
    const written = this.#last.then(() => this.#write(step, body))
    this.#last = written.catch(() => undefined)
    return written
  }

  async close(): Promise<void> {
    await this.#last
    await this.#handle?.close()
    this.#handle = undefined
  }

  async #write(step: number, body: EventBody): Promise<void> {
    const now = Date.now() / 1000
    const records: Buffer[] = []
    if (this.#handle === undefined) {
      this.#handle = await create(this.#folder, Math.floor(now))
      records.push(eventRecord(now, 0, { fileVersion: 'brain.Event:2' }))
      records.push(eventRecord(now, step, { sessionStart: true }))
    }
    records.push(eventRecord(now, step, body))
    await this.#handle.appendFile(Buffer.concat(records))
    await this.#handle.datasync()
  }
}

/** A new file whose name sorts after those that are there, whatever the clock says: TensorBoard reads them by name. */
async function create(folder: string, seconds: number): Promise<FileHandle> {
  await mkdir(folder, { recursive: true })
  const stamps = (await readdir(folder))
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => Number.parseInt(name.slice(PREFIX.length), 10))
  const stamp = stamps.reduce((latest, earlier) => Math.max(latest, earlier + 1), seconds)
  return open(join(folder, `${PREFIX}${stamp}.${hostname()}`), 'ax')
}
