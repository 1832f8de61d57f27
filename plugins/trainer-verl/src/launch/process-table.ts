import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process as the system lists it. */
export interface ListedProcess {
  readonly pid: number
  readonly group: number
  /** When it started, in the system's own words: a number that was given out again has another one. */
  readonly started: string
}

/** Where a process number means one process. */
export interface Place {
  readonly host: string
  /** Of the machine (random(4)), on Linux. */
  readonly boot?: string
  /** Of its process numbers (pid_namespaces(7)), on Linux. */
  readonly namespace?: string
}

/** This machine, or this container of it. */
export function placeHere(): Place {
  const host = hostname()
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return { host, boot, namespace: readlinkSync('/proc/self/ns/pid') }
  } catch {
    return { host }
  }
}

/**
 * Every process here that has not ended: one that nobody has waited for (a zombie, as in a container without an init) has.
 *
 * @returns undefined where the system does not tell
 */
export function processTable(): readonly ListedProcess[] | undefined {
  if (process.platform === 'win32') return undefined
  return process.platform === 'linux' ? readdirSync('/proc').flatMap(fromProc) : fromPs()
}

/** proc_pid_stat(5). The name, in parentheses, may hold anything. */
function fromProc(name: string): ListedProcess[] {
  if (!/^\d+$/.test(name)) return []
  let stat: string
  try {
    stat = readFileSync(`/proc/${name}/stat`, 'utf8')
  } catch {
    // It ended meanwhile.
    return []
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state = '', , group = ''] = fields
  return 'ZX'.includes(state) ? [] : [{ pid: Number(name), group: Number(group), started: fields[19] ?? '' }]
}

/** ps(1p), with the start that BSD and macOS add. */
function fromPs(): ListedProcess[] | undefined {
  const { stdout, status } = spawnSync('ps', ['-A', '-o', 'pid=,pgid=,stat=,lstart='], {
    encoding: 'utf8',
    // The start is compared as text.
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    maxBuffer: 2 ** 26,
  })
  if (status !== 0) return undefined
  return stdout.split('\n').flatMap((line) => {
    const [, pid, group, state = '', started = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*\S)/.exec(line) ?? []
    return pid === undefined || state.startsWith('Z') ? [] : [{ pid: Number(pid), group: Number(group), started }]
  })
}
