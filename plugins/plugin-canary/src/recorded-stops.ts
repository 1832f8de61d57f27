import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Of a run folder: a line for each time that an alarm has ended the run. */
const FILE = 'canary-stops.jsonl'

/** How often alarms have ended a run; 0 where it has no folder. A line that was torn by a kill counts: the run ended there too. */
export async function countStops(runDir: string | undefined): Promise<number> {
  if (runDir === undefined) return 0
  try {
    return (await readFile(join(runDir, FILE), 'utf8')).split('\n').filter((line) => line !== '').length
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

/** Puts on the record that the run ends here, and why. */
export async function recordStop(
  runDir: string | undefined,
  stop: { readonly step: number; readonly code: string; readonly alarm: string },
): Promise<void> {
  if (runDir !== undefined) await appendFile(join(runDir, FILE), `${JSON.stringify(stop)}\n`)
}
