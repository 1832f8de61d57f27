import { dirname } from 'node:path'
import { fileError, type Files, nodeFiles } from './files.ts'
import { oneLine } from './lines.ts'
import { requireRegular } from './regular-file.ts'

const NEWLINE = 10

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
      const stats = await handle.stat()
      requireRegular(path, stats)
      const { size } = stats
      const last = Buffer.alloc(1)
      const whole = size === 0 || ((await handle.read(last, 0, 1, size - 1)).bytesRead === 1 && last[0] === NEWLINE)
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
