import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { temporaryName } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { errno, fileError, nodeFiles, syncFolder, type Files } from './files.ts'
import { BLOCK, END, packedBlock, PackedFile } from './packed-file.ts'
import { fileChunks } from './regular-file.ts'
import { packedPath } from './text-file.ts'

/** Bytes of a file of lines before and after. */
export interface Packing {
  readonly plain: number
  readonly packed: number
}

/**
 * Puts the packed form of a file of lines in the place of the plain one, when it has been read back and compared. Nobody may have the file
 * open to append. Where both are there, as after a kill in between, the plain one counts.
 *
 * @returns undefined where there is no plain file
 * @throws DdaError `DDA_DISK_FULL`, `DDA_FILE_SYSTEM`; the file is then as it was
 */
export async function packLines(path: string, files: Files = nodeFiles): Promise<Packing | undefined> {
  const hash = createHash('sha256')
  let plain = 0
  const blocks = async function* (): AsyncGenerator<Buffer> {
    for await (const bytes of fileChunks(path, { highWaterMark: BLOCK })) {
      hash.update(bytes)
      plain += bytes.length
      yield packedBlock(bytes)
    }
    yield END
  }
  const to = packedPath(path)
  try {
    const temporary = await written(to, blocks(), files)
    const back = createHash('sha256')
    const read = PackedFile.open(temporary)
    for (const bytes of read.chunks()) back.update(bytes)
    if (back.digest('hex') !== hash.digest('hex')) throw errors.make('DDA_DATA_CHANGED', { file: path })
    await place(temporary, to, files)
    await files.rm(path)
    return { plain, packed: (await files.stat(to)).size }
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    throw fileError(error, 'pack', path)
  }
}

/** Undoes {@link packLines}, for whoever goes on writing. @throws as that */
export async function unpackLines(path: string, files: Files = nodeFiles): Promise<void> {
  const from = packedPath(path)
  try {
    if ((await files.stat(from).catch(() => undefined)) === undefined) return
    if ((await files.stat(path).catch(() => undefined)) === undefined)
      await place(await written(path, PackedFile.open(from).chunks(), files), path, files)
    await files.rm(from)
  } catch (error) {
    throw fileError(error, 'unpack', from)
  }
}

async function written(path: string, chunks: AsyncIterable<Buffer> | Iterable<Buffer>, files: Files): Promise<string> {
  const temporary = temporaryName(path)
  try {
    const handle = await files.open(temporary, 'w')
    try {
      for await (const chunk of chunks) await handle.writeFile(chunk)
      await handle.sync()
    } finally {
      await handle.close()
    }
    return temporary
  } catch (error) {
    await files.rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

async function place(temporary: string, path: string, files: Files): Promise<void> {
  await files.rename(temporary, path)
  await syncFolder(dirname(path), files)
}
