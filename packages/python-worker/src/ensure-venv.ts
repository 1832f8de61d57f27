import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import { findPython } from './find-python.ts'
import { withFolderLock } from './folder-lock.ts'
import { type Installer, installRequirements } from './install-requirements.ts'
import { REQUIREMENTS, requirementsHash, unmetRequirements } from './requirements.ts'
import { type RunOptions, runToEnd } from './run-to-end.ts'

export interface VenvOptions extends RunOptions {
  /** Where it lies. Default: {@link venvFolder}. */
  readonly folder?: string
  /** Pinned requirements file. Default: {@link REQUIREMENTS}, which brings PyTorch. */
  readonly requirements?: string
  /** Interpreter that makes it. Default: as `findPython`. */
  readonly python?: string
  /** Default: `uv` for {@link REQUIREMENTS}, whose size is worth fetching it first; `pip` for another list. */
  readonly installer?: Installer
  /** Told what takes long before it does, and what it writes. */
  readonly onLine?: (line: string) => void
}

export interface Venv {
  readonly folder: string
  /** Its interpreter. */
  readonly python: string
}

/** Marks an environment as made here, with the hash of the requirements once they are all installed. */
const STAMP = '.dda-venv.json'

/**
 * The folder of the shared environment: `DDA_VENV`, or else the nearest `.venv` above that was made here, or else `.venv` in
 * the folder.
 */
export function venvFolder(from: string = process.cwd()): string {
  const named = process.env.DDA_VENV
  if (named !== undefined && named !== '') return resolve(named)
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.venv', STAMP))) return join(folder, '.venv')
    if (folder === dirname(folder)) return resolve(from, '.venv')
  }
}

/** Interpreter of an environment. */
export function venvPython(folder: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')
}

/**
 * Makes a virtual environment with pinned packages, once for each content of the requirements file, and reuses it afterwards.
 * The first time takes minutes and, with {@link REQUIREMENTS}, some gigabytes. An environment that was not made here is
 * never changed: it is used where it has all the pins. Two processes may call at once; one waits for the other.
 *
 * @throws DdaError `DDA_PYTHON_MISSING`, `DDA_PYTHON_REQUIREMENTS`, `DDA_PYTHON_VENV` (cannot be made),
 *   `DDA_PYTHON_FOREIGN` (not made here, and packages are missing), `DDA_PYTHON_INSTALL`; the signal's reason
 */
export async function ensureVenv(options: VenvOptions = {}): Promise<Venv> {
  const existing = await existingVenv(options)
  if (existing !== undefined) return existing
  const folder = resolve(options.folder ?? venvFolder())
  const requirements = resolve(options.requirements ?? REQUIREMENTS)
  const hash = requirementsHash(requirements)
  const venv = { folder, python: venvPython(folder) }
  mkdirSync(dirname(folder), { recursive: true })
  return withFolderLock(`${folder}.lock`, options, async () => {
    if (stampOf(folder)?.requirements !== hash || !existsSync(venv.python)) {
      await make(venv, options)
      await install(venv, requirements, options)
      writeStamp(folder, { requirements: hash })
    }
    return venv
  })
}

/**
 * The environment, where it is there with all the pins; undefined where {@link ensureVenv} would have to make or mend it.
 *
 * @throws DdaError `DDA_PYTHON_REQUIREMENTS`, `DDA_PYTHON_VENV`, `DDA_PYTHON_FOREIGN`
 */
export async function existingVenv(
  options: Pick<VenvOptions, 'folder' | 'requirements'> = {},
): Promise<Venv | undefined> {
  const folder = resolve(options.folder ?? venvFolder())
  const requirements = resolve(options.requirements ?? REQUIREMENTS)
  const venv = { folder, python: venvPython(folder) }
  const stamp = stampOf(folder)
  if (stamp?.requirements === requirementsHash(requirements) && existsSync(venv.python)) return venv
  if (stamp !== undefined || !existsSync(join(folder, 'pyvenv.cfg'))) return undefined
  await checkForeign(venv, requirements)
  return venv
}

async function checkForeign({ folder, python }: Venv, requirements: string): Promise<void> {
  const unmet = await unmetRequirements(python, requirements).catch((cause: unknown) => {
    throw cannotMake(folder, 'its interpreter cannot be run', cause)
  })
  if (unmet.length === 0) return
  const shown = unmet.slice(0, 5).join(', ') + (unmet.length > 5 ? `, and ${unmet.length - 5} more` : '')
  throw errors.make('DDA_PYTHON_FOREIGN', { folder, missing: shown, python, requirements }, { kind: 'unavailable' })
}

async function make({ folder, python }: Venv, options: VenvOptions): Promise<void> {
  if (existsSync(python) && stampOf(folder) !== undefined) return
  if (existsSync(folder) && readdirSync(folder).some((name) => name !== STAMP) && stampOf(folder) === undefined) {
    throw cannotMake(folder, 'the folder is not empty, and no virtual environment')
  }
  const base = await findPython(options.python)
  options.onLine?.(`Making a virtual environment of Python ${base.version} in ${folder}`)
  mkdirSync(folder, { recursive: true })
  // First of all, so that what an interruption leaves behind is known as ours.
  writeStamp(folder, { requirements: null })
  await runToEnd(base.path, ['-m', 'venv', folder], options).catch((cause: unknown) => {
    options.signal?.throwIfAborted()
    throw cannotMake(folder, cause instanceof Error ? cause.message : String(cause), cause)
  })
}

async function install({ python, folder }: Venv, requirements: string, options: VenvOptions): Promise<void> {
  const weight = /^torch==/m.test(readFileSync(requirements, 'utf8'))
    ? ': PyTorch and what it needs, about 6 GB on Linux, a minute or some; once'
    : ''
  options.onLine?.(`Installing ${requirements} into ${folder}${weight}`)
  writeStamp(folder, { requirements: null })
  const installer = options.installer ?? (requirements === REQUIREMENTS ? 'uv' : 'pip')
  await installRequirements(python, requirements, installer, options).catch((cause: unknown) => {
    options.signal?.throwIfAborted()
    const said = cause instanceof Error ? cause.message : String(cause)
    throw errors.make('DDA_PYTHON_INSTALL', { requirements, folder, said }, { kind: 'unavailable', cause })
  })
}

function cannotMake(folder: string, why: string, cause?: unknown): DdaError {
  return errors.make('DDA_PYTHON_VENV', { folder, why }, { kind: 'unavailable', cause })
}

function stampOf(folder: string): { readonly requirements: string | null } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, STAMP), 'utf8')) as { requirements: string | null }
  } catch {
    return undefined
  }
}

function writeStamp(folder: string, stamp: { readonly requirements: string | null }): void {
  writeFileSync(join(folder, `${STAMP}.new`), `${JSON.stringify(stamp)}\n`)
  renameSync(join(folder, `${STAMP}.new`), join(folder, STAMP))
}
