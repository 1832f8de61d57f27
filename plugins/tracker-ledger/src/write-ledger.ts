import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { redact, writeWhole } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import type { LedgerReport } from './ledger.ts'

/** Readers see the old ledger or the new one. @throws DdaError `DDA_LEDGER_WRITE` naming the path */
export async function writeLedger(runDir: string, file: string, report: LedgerReport): Promise<void> {
  const path = join(runDir, file)
  try {
    await mkdir(runDir, { recursive: true })
    await writeWhole(path, redact(`${JSON.stringify(report, undefined, 2)}\n`))
  } catch (cause) {
    throw errors.make('DDA_LEDGER_WRITE', { path }, { cause })
  }
}
