import { setTimeout as wait } from 'node:timers/promises'
import type { ProcessRecord } from './job-file.ts'
import { type ListedProcess, placeHere, processTable } from './process-table.ts'

/** How long it has to end by itself. */
const GRACE_SECONDS = 30
/** How long the system may take to end it. */
const KILL_SECONDS = 30
const POLL = 100

/**
 * Ends a process that an earlier `dda train` has left, with its group, and waits until all of it has ended. A process that was given its
 * number afterwards is left alone.
 *
 * @returns was there one?
 * @throws Error where it cannot be told or ended from here; the signal's reason
 */
export async function endFormerProcess(record: ProcessRecord, signal: AbortSignal): Promise<boolean> {
  const here = placeHere()
  if (record.host !== here.host) throw new Error(`it was started on ${record.host}`)
  // The machine was started anew, and nothing of before is there.
  if (record.boot !== here.boot) return false
  if (record.namespace !== here.namespace) throw new Error('it was started in another container of this machine')
  const { pid, started } = record
  if (pid === undefined)
    throw new Error('dda train was killed at the instant of its start, before its number was known')
  const table = processTable()
  if (table === undefined || started === undefined) throw new Error('this system does not tell when a process started')
  const isIt = (listed: ListedProcess): boolean => listed.pid === pid && listed.started === started
  if (!table.some(isIt)) return false

  const look = { every: POLL, signal }
  signalGroup(pid, 'SIGTERM')
  await waitUntil(() => !(processTable() ?? []).some(isIt), { ...look, seconds: GRACE_SECONDS })
  // Of a group that still has members the number is given to nobody else (setpgid(2)), so these are the rest of it.
  const isEmpty = (): boolean => !(processTable() ?? []).some(({ group }) => group === pid)
  if (isEmpty()) return true
  signalGroup(pid, 'SIGKILL')
  if (await waitUntil(isEmpty, { ...look, seconds: KILL_SECONDS })) return true
  throw new Error(`it does not end ${KILL_SECONDS} s after SIGKILL`)
}

/** @throws Error where it belongs to another user (EPERM) */
function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function waitUntil(
  isSo: () => boolean,
  { seconds, every, signal }: { readonly seconds: number; readonly every: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const until = performance.now() + seconds * 1000
  while (!isSo()) {
    if (performance.now() > until) return false
    await wait(every, undefined, { signal })
  }
  return true
}
