import { execFile } from 'node:child_process'
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
  const options = { cwd: folder, timeout: PATIENCE } as const
  try {
    const [head, status] = await Promise.all([
      run('git', ['rev-parse', '--verify', 'HEAD'], options),
      run('git', ['status', '--porcelain', '--untracked-files=no'], options),
    ])
    return { commit: head.stdout.trim(), dirty: status.stdout !== '' }
  } catch {
    return undefined
  }
}
