import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { errno } from './files.ts'

/** A process, told apart from all others, also after its number or its host's name was given to another. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** Boot of the machine and pid namespace, on systems that tell: two containers may have one host name, never one of these. */
  readonly place?: string
  /** Start of the process in the kernel's clock, where it tells: a recycled pid has another one. */
  readonly started?: string
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  const place = placeHere()
  const started = processStart(process.pid)
  return {
    pid: process.pid,
    host: hostname(),
    ...(place === undefined ? {} : { place }),
    ...(started === undefined ? {} : { started }),
  }
}

/**
 * Is the process alive?
 *
 * @returns undefined where it cannot be asked: it is one of another machine, boot or container.
 */
export function isAlive(known: ProcessIdentity): boolean | undefined {
  if (known.host !== hostname() || (known.place ?? placeHere()) !== placeHere()) return undefined
  try {
    process.kill(known.pid, 0)
  } catch (error) {
    // Alive, but another user's: EPERM.
    if (errno(error) === 'ESRCH') return false
  }
  return known.started === undefined || known.started === (processStart(known.pid) ?? known.started)
}

/** Linux: random(4), namespaces(7). Elsewhere host names have to do. */
function placeHere(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return undefined
  }
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
