import { mkdir } from 'node:fs/promises'
import { type DdaError, removeLeftovers } from '@dda-thinker/plugin-api'
import {
  errno,
  fileError,
  leaseHolder,
  type LeaseHolder,
  type LeaseOptions,
  takeLease,
  unpackLines,
} from '@dda-thinker/store'
import { removeUnfinished } from './checkpoints.ts'
import { errors } from '../errors.ts'
import { runFile } from './layout.ts'

/** A run directory that no second process writes into. */
export interface RunLock {
  /** Aborted where another process has taken the run over, because this one showed no sign of life for long. */
  readonly lost: AbortSignal
  release(): Promise<void>
}

/**
 * Works on a run that no second process works on meanwhile. The lock of a process that is gone is taken over: at once where
 * the process can be asked, and after some seconds without a sign of life where it was of another machine or container.
 *
 * @param work is given the signal to end hard by, which is the caller's or that the lock was lost, and the latter alone: whoever
 *   has lost the run must leave its files alone.
 * @throws DdaError `DDA_RUN_LOCKED` naming the holder, `DDA_RUN_READ_ONLY`, `DDA_RUN_LOST`
 */
export async function withRunLock<T>(
  runDir: string,
  options: { readonly signal?: AbortSignal; readonly warn: (message: string) => void; readonly lease?: LockOptions },
  work: (signal: AbortSignal, lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const lock = await lockRun(runDir, {
    onWait: (holder) => {
      options.warn(`${runDir} was left locked by ${nameOf(holder)}; it is waited for whether that still works on it`)
    },
    ...options.lease,
  })
  try {
    const { signal } = options
    const done = await work(signal === undefined ? lock.lost : AbortSignal.any([signal, lock.lost]), lock.lost)
    if (lock.lost.aborted) throw lost(runDir)
    return done
  } catch (error) {
    throw lock.lost.aborted ? lost(runDir, error) : error
  } finally {
    await lock.release()
  }
}

/** Of a lock: whether what is packed of the run stays so. Default false: whoever locks a run goes on writing it. */
export interface LockOptions extends LeaseOptions {
  readonly staysPacked?: boolean
}

/** {@link withRunLock} in two calls. */
export async function lockRun(runDir: string, options: LockOptions = {}): Promise<RunLock> {
  try {
    await mkdir(runDir, { recursive: true })
    const taken = await takeLease(runFile(runDir, 'lock'), options)
    if ('release' in taken) {
      await removeLeftovers(runDir)
      await removeUnfinished(runDir)
      if (options.staysPacked !== true) await unpacked(runDir, taken)
      return taken
    }
    throw locked(runDir, taken)
  } catch (error) {
    const code = errno(error)
    if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
      throw errors.make('DDA_RUN_READ_ONLY', { runDir }, { location: runDir, cause: error })
    }
    throw fileError(error, 'lock', runDir)
  }
}

/** The process that works on a run, if any does. */
export async function lockHolder(runDir: string): Promise<number | undefined> {
  return (await leaseHolder(runFile(runDir, 'lock')))?.pid
}

async function unpacked(runDir: string, lock: RunLock): Promise<void> {
  try {
    await unpackLines(runFile(runDir, 'journal'))
  } catch (error) {
    await lock.release()
    throw error
  }
}

function nameOf({ pid, host }: LeaseHolder): string {
  return `process ${pid} on ${host}`
}

function locked(runDir: string, holder: LeaseHolder): DdaError {
  return errors.make('DDA_RUN_LOCKED', { runDir, who: nameOf(holder) }, { location: runFile(runDir, 'lock') })
}

function lost(runDir: string, cause?: unknown): DdaError {
  const details = { location: runFile(runDir, 'lock'), ...(cause === undefined ? {} : { cause }) }
  return errors.make('DDA_RUN_LOST', { runDir }, details)
}
