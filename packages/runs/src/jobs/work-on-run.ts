import type { ProjectConfig } from '@dda-thinker/config'
import type { Assembly } from '@dda-thinker/core'
import { packLines } from '@dda-thinker/store'
import type { RunEvents } from '../record/events.ts'
import { runFile } from '../record/layout.ts'
import { withRunLock } from '../record/lock.ts'
import { sizeOf } from '../record/resume.ts'
import { readRun } from '../record/run-dir.ts'
import { warner } from './role-context.ts'

/** Bytes from which on a journal is large: some 5,000 rollouts. Below, it is worth more to be read by any tool as it is. */
const LARGE = 16e6

/**
 * The frame of every job that writes a run: nobody else writes it meanwhile, and one that has come to its end is packed where the project
 * says so (`runs.pack`).
 *
 * @throws as `withRunLock`, and whatever the work throws; that packing failed is a warning, since nothing is lost by it
 */
export function workOnRun<T>(
  assembly: Assembly,
  { runDir, signal }: { readonly runDir: string; readonly signal?: AbortSignal },
  events: RunEvents,
  work: (signal: AbortSignal, lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const warn = warner(assembly, events)
  return withRunLock(runDir, { warn, ...(signal === undefined ? {} : { signal }) }, async (until, lost) => {
    const done = await work(until, lost)
    if (!lost.aborted) {
      try {
        await packFinished(runDir, assembly.config.runs.pack)
      } catch (error) {
        warn(`the journal of ${runDir} stays as it is: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    return done
  })
}

async function packFinished(runDir: string, pack: ProjectConfig['runs']['pack']): Promise<void> {
  const journal = runFile(runDir, 'journal')
  if (pack === false || (pack === 'large' && (await sizeOf(journal)) < LARGE)) return
  if ((await readRun(runDir)).status.state === 'finished') await packLines(journal)
}
