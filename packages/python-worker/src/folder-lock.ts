import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How old a lock without an owner's number must be, in ms, before its owner counts as dead. */
const UNSIGNED = 60_000

/**
 * Runs work while a folder of that name exists, which only one process can have made. A lock whose process is dead is
 * taken over.
 */
export async function withFolderLock<T>(
  lock: string,
  { signal, onLine }: { readonly signal?: AbortSignal; readonly onLine?: (line: string) => void },
  work: () => Promise<T>,
): Promise<T> {
  let told = false
  while (!take(lock)) {
    signal?.throwIfAborted()
    if (!told) onLine?.(`Waiting for another process that holds ${lock}`)
    told = true
    await sleep(500)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

function take(lock: string): boolean {
  try {
    mkdirSync(lock)
    writeFileSync(join(lock, 'pid'), String(process.pid))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (isStale(lock)) rmSync(lock, { recursive: true, force: true })
  return false
}

function isStale(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0)
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return false
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true
  }
  const age = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
  return age !== undefined && Date.now() - age > UNSIGNED
}
