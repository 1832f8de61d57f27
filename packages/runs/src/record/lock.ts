import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { DdaError } from '@dda-thinker/plugin-api'
import { errno, fileError, nodeFiles, temporaryName } from '@dda-thinker/store'
import { runFile } from './layout.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  /** Start of the process in the kernel's clock, where it tells: a recycled pid has another one. */
  readonly started?: string
}

/** Locks of this process: its own pid in a lock file that is not among them is a recycled one. */
const held = new Set<string>()

/**
 * Keeps a second process from writing into a run directory. The lock of a process that is gone is taken over.
 *
 * @returns release
 * @throws DdaError `DDA_RUN_LOCKED` naming the holder
 */
export async function lockRun(runDir: string): Promise<() => Promise<void>> {
  const path = runFile(runDir, 'lock')
  await nodeFiles.mkdir(runDir, { recursive: true }).catch((error: unknown) => {
    throw fileError(error, 'make', runDir)
  })
  const started = processStart(process.pid)
  const own: Holder = { pid: process.pid, host: hostname(), ...(started === undefined ? {} : { started }) }
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      const handle = await nodeFiles.open(path, 'wx')
      try {
        await handle.writeFile(JSON.stringify(own))
      } finally {
        await handle.close()
      }
      held.add(path)
      return async () => {
        held.delete(path)
        await nodeFiles.rm(path, { force: true })
      }
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw fileError(error, 'lock', runDir)
    }
    const holder = await readHolder(path)
    if (holder !== undefined && isAlive(path, holder)) throw locked(runDir, holder)
    // Renaming is atomic: of two processes that find the stale lock only one moves it away.
    const grave = temporaryName(path)
    await nodeFiles.rename(path, grave).catch(() => undefined)
    await nodeFiles.rm(grave, { force: true })
  }
  throw locked(runDir, undefined)
}

/** The process that works on a run, if any does. */
export async function lockHolder(runDir: string): Promise<number | undefined> {
  const path = runFile(runDir, 'lock')
  const holder = await readHolder(path)
  return holder !== undefined && isAlive(path, holder) ? holder.pid : undefined
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await nodeFiles.readFile(path, 'utf8')) as Partial<Holder>
    if (typeof holder.pid !== 'number' || typeof holder.host !== 'string') return undefined
    return holder as Holder
  } catch {
    // Gone, or torn by a crash while it was written: nobody holds it.
    return undefined
  }
}

function isAlive(path: string, holder: Holder): boolean {
  // Processes of another machine cannot be asked; their lock counts until a person removes it.
  if (holder.host !== hostname()) return true
  if (holder.pid === process.pid) return held.has(path)
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (errno(error) === 'ESRCH') return false
  }
  return holder.started === undefined || holder.started === (processStart(holder.pid) ?? holder.started)
}

/** Field 22 of /proc/<pid>/stat (proc(5)), on systems that have it. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function locked(runDir: string, holder: Holder | undefined): DdaError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`
  return new DdaError('DDA_RUN_LOCKED', `${runDir} is in use by ${who}`, {
    location: runFile(runDir, 'lock'),
    next: 'Wait for it to end or choose another run name; if that process is gone, delete the lock file.',
  })
}
