import { readdir } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** Where the packages of the framework come from. */
export interface PackageSource {
  /** Lines for the project's `.npmrc`. */
  readonly npmrc: readonly string[]
  /** The manifest with the specifiers under which npm finds our packages. */
  manifest(manifest: Manifest): Manifest
}

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

const SCOPE = '@dda-thinker/'

/**
 * @param from a folder of packed packages, as `npm run pack` writes it; the URL of a registry; or, where undefined, the registry
 *   that npm is set to
 * @param version of the framework: a folder has to hold this one
 * @param dir of the project, absolute. Specifiers are relative to it, as npm itself writes them: an override that names the same
 *   file in other words would refuse a later `npm install` of that package
 * @throws DdaError `DDA_INIT_FROM` where the folder holds no package of that version
 */
export async function openPackageSource(
  from: string | undefined,
  version: string,
  dir: string,
): Promise<PackageSource> {
  if (from === undefined) return { npmrc: [], manifest: (manifest) => manifest }
  if (/^https?:\/\//.test(from)) {
    return { npmrc: [`${SCOPE.slice(0, -1)}:registry=${from}`], manifest: (manifest) => manifest }
  }
  const tarballs = await tarballsIn(resolve(from), version, dir)
  return { npmrc: [], manifest: (manifest) => fromTarballs(manifest, tarballs, resolve(from), version) }
}

async function tarballsIn(folder: string, version: string, dir: string): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw unusable(folder, `cannot be read: ${error.code ?? error.message}`)
  })
  const [before, after] = ['dda-thinker-', `-${version}.tgz`]
  const tarballs = new Map(
    files
      .filter((file) => file.startsWith(before) && file.endsWith(after))
      .map((file) => [SCOPE + file.slice(before.length, -after.length), specifierOf(join(folder, file), dir)]),
  )
  if (tarballs.size > 0) return tarballs
  throw unusable(folder, `holds no packages of version ${version}`)
}

function specifierOf(tarball: string, dir: string): string {
  // Another drive of Windows has no way to it.
  const path = relative(dir, tarball)
  return `file:${(isAbsolute(path) || path.startsWith('..') ? path : `./${path}`).split(sep).join('/')}`
}

function unusable(folder: string, why: string): DdaError {
  return errors.make('DDA_INIT_FROM', { folder, why })
}

/**
 * What the manifest itself names comes from its tarball, and by `overrides` so does what those packages need in turn: npm would
 * ask a registry for it. Overrides that nothing needs install nothing.
 */
function fromTarballs(
  manifest: Manifest,
  tarballs: ReadonlyMap<string, string>,
  folder: string,
  version: string,
): Manifest {
  const direct = new Set<string>()
  const named = (dependencies: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(dependencies).map(([name, range]) => {
        if (!name.startsWith(SCOPE)) return [name, range]
        const tarball = tarballs.get(name)
        if (tarball === undefined) {
          throw unusable(folder, `holds no ${name} of version ${version}`)
        }
        direct.add(name)
        return [name, tarball]
      }),
    )
  const sections = (['dependencies', 'devDependencies'] as const).flatMap((section) => {
    const dependencies = manifest[section]
    return dependencies === undefined ? [] : [[section, named(dependencies)] as const]
  })
  const overrides = [...tarballs].map(([name, tarball]) => [name, direct.has(name) ? `$${name}` : tarball] as const)
  return { ...manifest, ...Object.fromEntries(sections), overrides: Object.fromEntries(overrides) }
}
