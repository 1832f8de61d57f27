import { execa } from 'execa'
import { errors } from './errors.ts'

export interface Python {
  /** Path of the interpreter. */
  readonly path: string
  /** Such as `3.11.7`. */
  readonly version: string
}

/** Oldest version that the pinned PyTorch, NumPy and diffusers take. */
export const OLDEST_PYTHON = [3, 11] as const

const CANDIDATES = ['python3', ...[14, 13, 12, 11].map((minor) => `python3.${minor}`), 'python']
const ASK = 'import sys; print(sys.executable); print("%d.%d.%d" % sys.version_info[:3])'

/**
 * Finds an interpreter: the one that is named, else `DDA_PYTHON`, else the first on the PATH that is new enough.
 * @throws DdaError `DDA_PYTHON_MISSING` with what was tried
 */
export async function findPython(named: string | undefined = process.env.DDA_PYTHON): Promise<Python> {
  const oldest = OLDEST_PYTHON.join('.')
  const tried: string[] = []
  for (const candidate of named === undefined ? CANDIDATES : [named]) {
    const { stdout, failed } = await execa(candidate, ['-c', ASK], { reject: false, stdin: 'ignore', timeout: 60_000 })
    const [path, version] = failed ? [] : stdout.split(/\r?\n/)
    if (path !== undefined && version !== undefined && isNewEnough(version)) return { path, version }
    tried.push(`${candidate} (${version ?? 'cannot be run'})`)
  }
  throw errors.make('DDA_PYTHON_MISSING', { oldest, tried: tried.join(', ') }, { kind: 'unavailable' })
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1])
}
