import { createHash, randomInt } from 'node:crypto'
import { promises, readFileSync, readlinkSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

const NAME = /\.tmp-(?:([0-9a-f]{8})-)?(\d+)(?:-\d+)?$/
/** What a process of another machine, boot or container left cannot be told from what one there still writes, but by its age. */
const OLD_MS = 24 * 3600 * 1000

let counter = 0
let here: string | undefined

/** A sibling name that no other writer uses, for a file that takes the place of `path` once it is whole. */
export function temporaryName(path: string): string {
  counter += 1
  return `${path}.tmp-${place()}-${process.pid}-${counter}`
}

/** {@link temporaryName} for a place that people name: what killed processes left of the same file or folder is removed first. */
export async function freshTemporary(path: string): Promise<string> {
  await removeLeftovers(dirname(path), basename(path))
  return temporaryName(path)
}

/**
 * A new folder among the system's temporary ones, for this user alone; those of the same kind that killed processes left are removed first.
 *
 * @param kind how its name begins
 */
export async function temporaryFolder(kind: string): Promise<string> {
  await removeLeftovers(tmpdir(), kind)
  const path = join(tmpdir(), `${kind}.tmp-${place()}-${process.pid}-${randomInt(2 ** 47)}`)
  await promises.mkdir(path, { mode: 0o700 })
  return path
}

/**
 * Removes what killed processes were writing in a folder: files and folders of processes that are gone, and of places that cannot be
 * asked where nobody wrote for a day. Never fails: nothing depends on it.
 *
 * @param of only what was to become this file or folder. Default: of any name
 */
export async function removeLeftovers(folder: string, of?: string): Promise<void> {
  const names = await promises.readdir(folder).catch(() => [])
  for (const name of names) {
    const [ending = '', where, pid] = NAME.exec(name) ?? []
    if (pid === undefined || (of !== undefined && name !== of + ending)) continue
    const path = join(folder, name)
    if (where === place() ? isGone(Number(pid)) : await isOld(path)) {
      await promises.rm(path, { recursive: true, force: true }).catch(() => undefined)
    }
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

async function isOld(path: string): Promise<boolean> {
  const facts = await promises.stat(path).catch(() => undefined)
  return facts !== undefined && Date.now() - facts.mtimeMs > OLD_MS
}

/** Where a process number means one process: host, boot and, on Linux, pid namespace (random(4), namespaces(7)). */
function place(): string {
  if (here === undefined) {
    let parts = hostname()
    try {
      parts += readFileSync('/proc/sys/kernel/random/boot_id', 'utf8') + readlinkSync('/proc/self/ns/pid')
    } catch {
      // Elsewhere host names have to do.
    }
    here = createHash('sha256').update(parts).digest('hex').slice(0, 8)
  }
  return here
}
