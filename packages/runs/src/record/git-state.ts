import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

/** Which code a run was made with. */
export interface GitState {
  readonly commit: string
  /** Whether tracked files differed from that commit. */
  readonly dirty: boolean
}

/** How long git may take, in ms; provenance is worth no more. */
const PATIENCE = 3000

const run = promisify(execFile)

/** State of the git checkout around a folder; undefined where there is none, no commit yet, or no git. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  // Starting a process takes longer than all else that the beginning of a small run does.
  if (!mayBeCheckout(folder)) return undefined
  try {
    const options = { cwd: folder, timeout: PATIENCE } as const
    const { stdout } = await run('git', ['status', '--porcelain=v2', '--branch', '--untracked-files=no'], options)
    const lines = stdout.split('\n').filter((line) => line !== '')
    const commit = lines.map((line) => /^# branch\.oid ([0-9a-f]+)$/.exec(line)?.[1]).find((oid) => oid !== undefined)
    return commit === undefined ? undefined : { commit, dirty: lines.some((line) => !line.startsWith('#')) }
  } catch {
    return undefined
  }
}

/** A checkout has `.git`, a folder or a file, at its top; or the environment says where it is. */
function mayBeCheckout(folder: string): boolean {
  if (process.env['GIT_DIR'] !== undefined) return true
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return true
    if (dirname(at) === at) return false
  }
}
