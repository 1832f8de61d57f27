import { basename, dirname } from 'node:path'
import { type Logger, removeLeftovers } from '@dda-thinker/plugin-api'
import { errors } from '../errors.ts'
import { endFormerProcess } from './former-process.ts'
import type { JobFile, JobRecord } from './job-file.ts'
import { endFormerRayJob, type RayOptions } from './ray-job.ts'

export interface FormerJobOptions {
  /** The cluster of now: its token is sent to no other address, whatever the file says. */
  readonly ray: RayOptions | undefined
  readonly log: Logger
  readonly signal: AbortSignal
}

/**
 * Ends the job that an earlier `dda train` of the run has left at work, if there is one: a process that is killed (SIGKILL, want of memory)
 * ends nobody, and a second job would write into the checkpoints of the first.
 *
 * @throws DdaError `DDA_VERL_LEFT` where it cannot be told or ended from here; the signal's reason
 */
export async function endFormerJob(file: JobFile, { ray, log, signal }: FormerJobOptions): Promise<void> {
  let job = 'what it was is not known'
  await removeLeftovers(dirname(file.path), basename(file.path))
  try {
    const record = file.read()
    if (record === undefined) return
    job = nameOf(record)
    const ended =
      record.kind === 'process'
        ? await endFormerProcess(record, signal)
        : await endFormerRayJob(ray?.address === record.address ? ray : { address: record.address }, record, signal)
    if (ended) log.warn(`verl: ended the job that an earlier dda train of this run had left at work: ${job}`)
    file.remove()
  } catch (cause) {
    signal.throwIfAborted()
    throw stillThere(file, job, cause)
  }
}

/** For people: where to look for it. */
function nameOf(record: JobRecord): string {
  if (record.kind === 'ray') return `${record.address}, job ${record.id}`
  return record.pid === undefined ? `a process of ${record.host}` : `process ${record.pid} of ${record.host}`
}

/** `DDA_VERL_LEFT` */
export function stillThere({ path }: JobFile, job: string, cause: unknown): Error {
  const why = (cause as Error).message
  return errors.make('DDA_VERL_LEFT', { why, job, file: path }, { cause, kind: 'unavailable', location: path })
}
