import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { redact, temporaryName } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import type { LedgerReport } from './ledger.ts'

/** Readers see the old ledger or the new one. @throws DdaError `DDA_LEDGER_WRITE` naming the path */
export async function writeLedger(runDir: string, file: string, report: LedgerReport): Promise<void> {
  const path = join(runDir, file)
  const temporary = temporaryName(path)
  try {
    await mkdir(runDir, { recursive: true })
    await writeFile(temporary, redact(`${JSON.stringify(report, undefined, 2)}\n`))
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw errors.make('DDA_LEDGER_WRITE', { path }, { cause })
  }
}
