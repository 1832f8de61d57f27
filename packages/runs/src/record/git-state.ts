import { execa } from 'execa'

/** Which code a run was made with. */
export interface GitState {
  readonly commit: string
  /** Whether tracked files differed from that commit. */
  readonly dirty: boolean
}

/** How long git may take, in ms; provenance is worth no more. */
const PATIENCE = 3000

/** State of the git checkout around a folder; undefined where there is none, no commit yet, or no git. */
export async function gitState(folder: string): Promise<GitState | undefined> {
  const options = { cwd: folder, reject: false, timeout: PATIENCE, stdin: 'ignore' } as const
  const [head, status] = await Promise.all([
    execa('git', ['rev-parse', '--verify', 'HEAD'], options),
    execa('git', ['status', '--porcelain', '--untracked-files=no'], options),
  ])
  if (head.exitCode !== 0 || status.exitCode !== 0) return undefined
  return { commit: head.stdout.trim(), dirty: status.stdout !== '' }
}
