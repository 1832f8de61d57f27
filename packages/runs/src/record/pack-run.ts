import { type Packing, packLines } from '@dda-thinker/store'
import { runFile } from './layout.ts'
import { withRunLock } from './lock.ts'
import { readRun } from './run-dir.ts'

/**
 * Packs the journal of a run that nobody works on, about twentyfold. All readers of runs read it as before, at any place, and whoever
 * continues the run finds it unpacked, byte for byte.
 *
 * @returns undefined where there is no journal, or it is packed already
 * @throws DdaError `DDA_RUN_MISSING`, `DDA_RUN_LOCKED`, `DDA_DISK_FULL`
 */
export async function packRun(runDir: string): Promise<Packing | undefined> {
  await readRun(runDir)
  const options = { warn: () => undefined, lease: { staysPacked: true } }
  return withRunLock(runDir, options, () => packLines(runFile(runDir, 'journal')))
}
