import { rename, rm, writeFile } from 'node:fs/promises'
import { temporaryName } from './temporary.ts'

/**
 * Writes a file that is whole or as it was, whoever else writes it; secrets in it are the caller's to take out. Not on the disk for certain when it resolves.
 *
 * @param file in a folder that is there
 * @throws what the file system says; nothing is left behind
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = temporaryName(file)
  try {
    await writeFile(temporary, text)
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}
