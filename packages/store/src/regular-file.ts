import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { errors } from './errors.ts'
import { type Files, nodeFiles } from './files.ts'

/** A pipe without a writer is opened at once too, instead of waited for. Windows knows no such flag, and needs none. */
const READ = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0)

/**
 * Opens a file of ours to read it. A device or a pipe in its place may have no end, or never give anything: nothing is read of it.
 *
 * @throws DdaError `DDA_FILE_SYSTEM` where it is no regular file, nor a link to one; the file system's own errors
 */
export async function openRegular(path: string, files: Pick<Files, 'open'> = nodeFiles): Promise<FileHandle> {
  const handle = await files.open(path, READ)
  try {
    requireRegular(path, await handle.stat())
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** {@link openRegular}, at once. @returns a file descriptor */
export function openRegularSync(path: string): number {
  const file = openSync(path, READ)
  try {
    requireRegular(path, fstatSync(file))
    return file
  } catch (error) {
    closeSync(file)
    throw error
  }
}

export interface ChunkOptions {
  /** Offset of the first byte. Default 0. */
  readonly start?: number
  /** Offset of the last byte. Default: the last of the file. */
  readonly end?: number
  /** Bytes of a chunk. Default 256 KiB: by Node's own 64 KiB a large file costs more in calls of the system than in work. */
  readonly highWaterMark?: number
}

/** The bytes of a file of ours, a chunk at a time. @throws as {@link openRegular} */
export async function* fileChunks(path: string, options: ChunkOptions = {}): AsyncGenerator<Buffer, void, void> {
  const handle = await openRegular(path)
  // The stream closes it, also where the reader leaves early.
  yield* handle.createReadStream({ highWaterMark: 256 * 1024, ...options }) as AsyncIterable<Buffer>
}

/** @throws DdaError `DDA_FILE_SYSTEM` */
export function requireRegular(path: string, stats: Stats): void {
  if (!stats.isFile()) throw errors.make('DDA_FILE_SYSTEM/irregular', { path, kind: kindOf(stats) }, { location: path })
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a pipe'
  return stats.isSocket() ? 'a socket' : 'a device'
}
