import { isDdaError } from '@dda-thinker/plugin-api'
import type { Ledger } from '@dda-thinker/core'
import type { Files } from '@dda-thinker/store'
import { errors } from '../errors.ts'

export interface BooksOptions {
  readonly files?: Files | undefined
  readonly warn: (message: string) => void
}

/**
 * Goes on with what was spent. A budget counts what these books say; without one only people read them, and work goes on where they cannot
 * be had.
 *
 * @throws DdaError `DDA_FILE_SYSTEM` where a budget is set and the books cannot be read or written, `DDA_DISK_FULL`
 */
export async function openBooks(ledger: Ledger, file: string, options: BooksOptions): Promise<void> {
  const { files, warn } = options
  try {
    await ledger.open(file, files)
  } catch (error) {
    if (!isDdaError(error) || error.code !== 'DDA_FILE_SYSTEM') throw error
    const why = error.message
    if (Object.values(ledger.budget).some((limit) => limit !== undefined))
      throw errors.make('DDA_FILE_SYSTEM/books', { why, file }, { location: file, cause: error })
    warn(`What is spent is not kept: ${why}`)
  }
}
