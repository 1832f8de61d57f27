import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileError, type Files, nodeFiles } from './files.ts'
import { oneLine } from './lines.ts'
import { requireRegular } from './regular-file.ts'

const NEWLINE = 10
/** How often, and milliseconds between: a write of a few lines is over long before. */
const LOOKS = 20
const PAUSE = 5

/**
 * Appends lines (JSON, without newlines) to a file that other processes append to at the same time; they are on the disk when this resolves.
 * They go out in one write behind whatever is there, so that nothing of others is cut or mixed in. The part of a line that a
 * killed writer left stays, as a line of its own. One writer alone is what {@link AppendLog} is for.
 *
 * @throws DdaError `DDA_DISK_FULL`, `DDA_FILE_SYSTEM`
 */
export async function appendLines(path: string, lines: readonly string[], files: Files = nodeFiles): Promise<void> {
  try {
    await files.mkdir(dirname(path), { recursive: true })
    const handle = await files.open(path, 'a+')
    try {
      requireRegular(path, await handle.stat())
      const whole = await endsWhole(handle)
      const text = lines.map((line) => `${oneLine(line)}\n`).join('')
      await handle.writeFile(whole ? text : `\n${text}`)
      await handle.datasync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw fileError(error, 'append', path)
  }
}

/**
 * Does a line end where the file does? A write of another process shows in the size before it is over, so a line that seems to be cut
 * is looked at again: behind one that was under way, a newline of ours would make an empty line.
 */
async function endsWhole(handle: FileHandle): Promise<boolean> {
  const last = Buffer.alloc(1)
  for (let look = 1; ; look++) {
    const { size } = await handle.stat()
    if (size === 0) return true
    const { bytesRead } = await handle.read(last, 0, 1, size - 1)
    if (bytesRead === 1 && last[0] === NEWLINE) return true
    if (look === LOOKS) return false
    await setTimeout(PAUSE)
  }
}
