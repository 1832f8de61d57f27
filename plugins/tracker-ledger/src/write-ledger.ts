import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DdaError } from '@dda-thinker/plugin-api'
import type { LedgerReport } from './ledger.ts'

/** Readers see the old ledger or the new one. @throws DdaError `DDA_LEDGER_WRITE` naming the path */
export async function writeLedger(runDir: string, file: string, report: LedgerReport): Promise<void> {
  const path = join(runDir, file)
  const temporary = `${path}.tmp-${process.pid}`
  try {
    await mkdir(runDir, { recursive: true })
    await writeFile(temporary, `${JSON.stringify(report, undefined, 2)}\n`)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw new DdaError('DDA_LEDGER_WRITE', `The ledger could not be written to ${path}`, {
      next: 'Check that the run directory may be written and that the disk is not full; the run itself is not harmed.',
      cause,
    })
  }
}
