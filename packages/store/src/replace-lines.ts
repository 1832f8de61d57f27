import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { temporaryName } from '@dda-thinker/plugin-api'
import { fileError, nodeFiles, syncFolder, type Files } from './files.ts'
import { oneLine } from './lines.ts'
import { openRegular } from './regular-file.ts'

/** A line of a file, by the bytes that it takes, and what comes in its place. */
export interface LineReplacement {
  /** Offset of its first byte. */
  readonly start: number
  /** Offset behind its newline. */
  readonly end: number
  /** JSON, without its newline. */
  readonly json: string
}

const CHUNK = 1 << 20

/**
 * Puts lines in the place of others, all at once: readers, and whoever comes after a crash, see the old file or the new one. Nobody may
 * have the file open to append.
 *
 * @param replacements in the order of the file, none overlapping another
 * @throws DdaError `DDA_DISK_FULL`, `DDA_FILE_SYSTEM`; the file is then as it was
 */
export async function replaceLines(
  path: string,
  replacements: readonly LineReplacement[],
  files: Files = nodeFiles,
): Promise<void> {
  if (replacements.length === 0) return
  const temporary = temporaryName(path)
  try {
    const from = await openRegular(path, files)
    try {
      const to = await files.open(temporary, 'w')
      try {
        let at = 0
        for (const { start, end, json } of replacements) {
          await copy(from, to, at, start)
          await to.writeFile(`${oneLine(json)}\n`)
          at = end
        }
        await copy(from, to, at, (await from.stat()).size)
        await to.sync()
      } finally {
        await to.close()
      }
    } finally {
      await from.close()
    }
    await files.rename(temporary, path)
    await syncFolder(dirname(path), files)
  } catch (error) {
    await files.rm(temporary, { force: true }).catch(() => undefined)
    throw fileError(error, 'write', path)
  }
}

async function copy(from: FileHandle, to: FileHandle, start: number, end: number): Promise<void> {
  const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(CHUNK, end - start)))
  for (let at = start; at < end;) {
    const { bytesRead } = await from.read(chunk, 0, Math.min(chunk.length, end - at), at)
    if (bytesRead === 0) throw new RangeError(`the file ends at ${at}, before ${end}`)
    // At the handle's own place: that of a handle follows what it writes.
    await to.writeFile(chunk.subarray(0, bytesRead))
    at += bytesRead
  }
}
