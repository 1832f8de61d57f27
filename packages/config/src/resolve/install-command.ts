import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What to type, and in which folder: that of the manifest, or `dir` itself where there is none. */
export interface InstallCommand {
  readonly command: string
  readonly folder: string
  /** Names that the manifest does not have yet; none: `npm install` alone puts what it has into place. */
  readonly missing: readonly string[]
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, unknown>>
  readonly devDependencies?: Readonly<Record<string, unknown>>
  readonly overrides?: Readonly<Record<string, unknown>>
}

/**
 * What installs packages in the way in which a project has those of DDA-Thinker already. One that was made from a folder of tarballs names
 * them all under `overrides`; one from a registry has a range for `@dda-thinker/cli`, which holds for all packages of the framework. Names
 * that the manifest has already are only to be put into place.
 *
 * @param dir of the project, or a folder below it
 */
export function installCommand(dir: string, names: readonly string[], dev = false): InstallCommand {
  const { folder, manifest } = nearestManifest(dir)
  const { dependencies = {}, devDependencies = {}, overrides = {} } = manifest
  const there = { ...dependencies, ...devDependencies }
  const missing = names.filter((name) => !Object.hasOwn(there, name)).toSorted()
  if (missing.length === 0) return { command: 'npm install', folder, missing }
  const ours = there['@dda-thinker/cli'] ?? there['@dda-thinker/plugin-api']
  const range = typeof ours === 'string' && /^[\^~]?\d/.test(ours) ? `@${ours}` : ''
  const specifiers = missing.map((name) => {
    const override = overrides[name]
    if (typeof override === 'string') return quoted(override)
    return quoted(name.startsWith('@dda-thinker/') ? name + range : name)
  })
  return { command: ['npm install', ...(dev ? ['--save-dev'] : []), ...specifiers].join(' '), folder, missing }
}

/** For any shell: a path may have spaces, and zsh and cmd read `^` and `~` in ways of their own. */
function quoted(specifier: string): string {
  return /^[\w@./:-]+$/.test(specifier) ? specifier : `"${specifier}"`
}

function nearestManifest(dir: string): { readonly folder: string; readonly manifest: Manifest } {
  for (let at = dir; ; at = dirname(at)) {
    const manifest = manifestIn(at)
    if (manifest !== undefined) return { folder: at, manifest }
    if (dirname(at) === at) return { folder: dir, manifest: {} }
  }
}

/** `{}` for one that cannot be read, of which npm will tell. */
function manifestIn(folder: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return (manifest as Manifest | null) ?? {}
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : {}
  }
}
