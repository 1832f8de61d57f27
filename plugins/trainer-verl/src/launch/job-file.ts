import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryName } from '@dda-thinker/plugin-api'
import type { Place } from './process-table.ts'

/** A process of a machine. Without a number: it was about to be started. */
export interface ProcessRecord extends Place {
  readonly kind: 'process'
  /** Of the process, and of its group. */
  readonly pid?: number
  /** Undefined where the system does not tell. */
  readonly started?: string
}

export interface RayRecord {
  readonly kind: 'ray'
  /** Of the dashboard. */
  readonly address: string
  /** Its submission id. */
  readonly id: string
}

/** What identifies a job to a process that did not start it. */
export type JobRecord = ProcessRecord | RayRecord

/** Keeps what identifies the job that is about to run. */
export interface JobKeeper {
  write(record: JobRecord): void
  remove(): void
}

/**
 * The job of a run, on disk from before its start until its end is seen: `dda train` may be killed at any instant, and the next one has to
 * find what that one left at work.
 */
export class JobFile implements JobKeeper {
  readonly path: string

  /** @param folder of the run's engine, which is there */
  constructor(folder: string) {
    this.path = join(folder, 'verl-job.json')
  }

  /** @throws Error where it is damaged, or was written by something else */
  read(): JobRecord | undefined {
    let text: string
    try {
      text = readFileSync(this.path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    const found = JSON.parse(text) as Readonly<Record<string, unknown>>
    const { kind, host, pid, started, address, id } = found
    const isProcess = kind === 'process' && typeof host === 'string' && isText(started)
    // 0 and 1 would be everybody to kill(2).
    if (isProcess && (pid === undefined || (Number.isSafeInteger(pid) && Number(pid) > 1)))
      return found as unknown as ProcessRecord
    if (kind === 'ray' && typeof address === 'string' && typeof id === 'string') return { kind, address, id }
    throw new TypeError('it names no job')
  }

  /** Whole or not at all, and on the disk when it returns; at once, for nothing may come between a start and its record. */
  write(record: JobRecord): void {
    const temporary = temporaryName(this.path)
    const file = openSync(temporary, 'w')
    try {
      writeSync(file, `${JSON.stringify(record)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, this.path)
    if (process.platform === 'win32') return
    const folder = openSync(dirname(this.path), 'r')
    fsyncSync(folder)
    closeSync(folder)
  }

  remove(): void {
    rmSync(this.path, { force: true })
  }
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}
