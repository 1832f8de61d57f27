import { rename, rm, writeFile } from 'node:fs/promises'
import { temporaryName } from '@dda-thinker/plugin-api'

/** Writes a file of results that is whole or as it was, whoever else writes it. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = temporaryName(file)
  try {
    await writeFile(temporary, text)
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
