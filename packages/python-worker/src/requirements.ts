import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { errors } from './errors.ts'

/** The pinned requirements of every Python part of the framework: one environment serves them all. */
export const REQUIREMENTS = fileURLToPath(new URL('../requirements.txt', import.meta.url))

/** The pin of uv, which installs those. */
export const UV_PIN = fileURLToPath(new URL('../installer.txt', import.meta.url))

/**
 * What an installer is given of a list of requirements: the same pins with hashes (`x.hashes.txt` beside `x.txt`) where there are such. Then it installs no
 * file that is another than the one that was pinned (hash-checking mode).
 */
export function installArguments(file: string): readonly string[] {
  const hashed = file.replace(/\.txt$/, '.hashes.txt')
  return hashed !== file && existsSync(hashed) ? ['--require-hashes', '-r', hashed] : ['-r', file]
}

/** @throws DdaError `DDA_PYTHON_REQUIREMENTS` */
export function requirementsHash(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex')
  } catch (cause) {
    throw errors.make('DDA_PYTHON_REQUIREMENTS', { file }, { cause })
  }
}

/** Compares with what is installed without changing anything; pip's own parser would need pip, which may be missing. */
const COMPARE = `
import importlib.metadata as m, re, sys
for line in open(sys.argv[1], encoding='utf-8'):
    pin = re.match(r'([\\w.-]+)==([^\\s;]+)\\s*(?:;\\s*sys_platform == .(\\w+).)?', line)
    if pin is None or (pin[3] and pin[3] != sys.platform): continue
    try: found = m.version(pin[1])
    except m.PackageNotFoundError: found = 'missing'
    if found.split('+')[0] != pin[2]: print(f'{pin[1]}=={pin[2]} ({found})')
`

/** Pins of a requirements file that an environment does not have, as `name==wanted (found)`. */
export async function unmetRequirements(python: string, file: string): Promise<readonly string[]> {
  const { stdout } = await execa(python, ['-c', COMPARE, file], { stdin: 'ignore', timeout: 120_000 })
  return stdout.split(/\r?\n/).filter((line) => line !== '')
}
