import { promises, renameSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { type DdaError, isDdaError, redact, temporaryName } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** The file system calls that writes go through; replaced in tests to simulate a full disk. */
export type Files = Pick<
  typeof promises,
  'mkdir' | 'open' | 'rename' | 'rm' | 'readFile' | 'readdir' | 'stat' | 'truncate'
> & {
  /** @returns bytes that were written, from that place on */
  writeSync(file: number, bytes: Uint8Array, from: number): number
  writeFileSync(path: string, bytes: Uint8Array): void
  renameSync(from: string, to: string): void
}

export const nodeFiles: Files = {
  ...promises,
  writeSync: (file, bytes, from) => writeSync(file, bytes, from),
  writeFileSync: (path, bytes) => writeFileSync(path, bytes),
  renameSync: (from, to) => renameSync(from, to),
}

const FULL = new Set(['ENOSPC', 'EDQUOT'])

/**
 * Turns an operating system's error into a coded one that names the path. Errors that have a code of ours pass through.
 *
 * @returns DdaError `DDA_DISK_FULL` for a full disk or quota, `DDA_FILE_SYSTEM` for anything else.
 */
export function fileError(error: unknown, action: string, path: string): Error {
  if (isDdaError(error)) return error
  const code = errno(error)
  // Not the file system's: whoever threw it knows better.
  if (error instanceof Error && code === undefined) return error
  if (code !== undefined && FULL.has(code)) {
    return errors.make('DDA_DISK_FULL', { action, path }, { cause: error })
  }
  const why = error instanceof Error ? error.message : String(error)
  return errors.make('DDA_FILE_SYSTEM', { action, path, why }, { cause: error })
}

/**
 * A disk or quota that was used up somewhere below an error, as {@link fileError} tells it. Threads and Python pass words on, no codes.
 *
 * @param what was written, where no path is known
 * @returns undefined where there was room, and where it is told already
 */
export function diskFull(error: unknown, what: string): DdaError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    const { code = '', path = what, message } = at as NodeJS.ErrnoException
    if (code === 'DDA_DISK_FULL') return undefined
    const says = code === 'DDA_WORKER_FAILED' || !isDdaError(at) ? message : ''
    if (!FULL.has(code) && !/^(ENOSPC|EDQUOT)\b|\[Errno (28|122)\]/.test(says)) continue
    return fileError(Object.assign(new Error(message, { cause: error }), { code: 'ENOSPC' }), 'write', path) as DdaError
  }
  return undefined
}

/** The `code` of a Node.js system error, such as `ENOENT`. */
export function errno(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : undefined
}

/** Writes a whole file so that readers see the old content or the new one; a durable one also after a power cut. */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { readonly files?: Files; readonly durable?: boolean } = {},
): Promise<void> {
  const { files = nodeFiles, durable = true } = options
  const temporary = temporaryName(path)
  try {
    await files.mkdir(dirname(path), { recursive: true })
    const handle = await files.open(temporary, 'w')
    try {
      await handle.writeFile(typeof data === 'string' ? redact(data) : data)
      if (durable) await handle.sync()
    } finally {
      await handle.close()
    }
    await files.rename(temporary, path)
    if (durable) await syncFolder(dirname(path), files)
  } catch (error) {
    await files.rm(temporary, { force: true }).catch(() => undefined)
    throw fileError(error, 'write', path)
  }
}

/** Makes renames inside a folder durable. Platforms that cannot open a folder (Windows) order renames by themselves. */
export async function syncFolder(folder: string, files: Files = nodeFiles): Promise<void> {
  try {
    const handle = await files.open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = errno(error)
    if (code !== 'EISDIR' && code !== 'EPERM' && code !== 'EINVAL') throw error
  }
}
