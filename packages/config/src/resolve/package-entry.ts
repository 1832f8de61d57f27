import { existsSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { pluginBroken } from '../errors-plugin.ts'

/** The condition under which this repository's packages export their sources. */
export const SOURCE_CONDITION = '@dda-thinker/source'

export interface PackageEntry {
  /** Absolute path of the module to import. */
  readonly file: string
  readonly version: string | undefined
  /** Reached through {@link SOURCE_CONDITION}: the host runs TypeScript itself. */
  readonly source: boolean
}

/** This module runs from TypeScript (a test runner, or Node with type stripping), so packages beside it can, too. */
const fromSources = import.meta.url.endsWith('.ts')

interface Manifest {
  readonly version?: string
  readonly main?: string
  readonly exports?: unknown
  readonly keywords?: unknown
}

/**
 * Where an `import` of the bare package name from a module in `dir` would lead. Written out because Node 20 has no
 * `import.meta.resolve` with a parent, and `require.resolve` cannot see packages that export for `import` alone.
 */
export function packageEntry(name: string, dir: string): PackageEntry | undefined {
  if (!isPackageName(name) || isBuiltin(name)) return undefined
  const folder = packageFolder(name, dir)
  return folder === undefined ? fromResolver(name, dir) : folderEntry(folder)
}

/** Says of itself that it is a plugin: the keyword `dda-thinker-plugin`. */
export function isPluginPackage(name: string, dir: string): boolean {
  const folder = packageFolder(name, dir)
  if (folder === undefined) return false
  try {
    const { keywords } = readManifest(folder)
    return Array.isArray(keywords) && keywords.includes('dda-thinker-plugin')
  } catch {
    // One that nobody named is nobody's business.
    return false
  }
}

function packageFolder(name: string, dir: string): string | undefined {
  for (let at = dir; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (isFolder(folder)) return realpathSync(folder)
    if (dirname(at) === at) return undefined
  }
}

/** @throws DdaError `DDA_PLUGIN_LOAD` where it is there and is no object of JSON */
function readManifest(folder: string): Manifest {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return {}
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
    if (typeof manifest !== 'object' || manifest === null) throw new Error('it is no object')
    return manifest
  } catch (cause) {
    throw pluginBroken(basename(folder), file, cause)
  }
}

/** The module that a package folder exports, or its index file where it has no package.json. */
export function folderEntry(folder: string): PackageEntry | undefined {
  const manifest = readManifest(folder)
  const { version } = manifest
  if (manifest.exports !== undefined) {
    const target = exportTarget(rootExport(manifest.exports), fromSources)
    if (target === undefined) return undefined
    const file = join(folder, target.path)
    return { file, version, source: target.source }
  }
  const names = manifest.main === undefined ? [] : [manifest.main, `${manifest.main}.js`, `${manifest.main}/index.js`]
  for (const candidate of [...names, 'index.js', 'index.mjs', 'index.cjs', 'index.ts', 'index.mts']) {
    const file = join(folder, candidate)
    if (isFile(file)) return { file, version, source: false }
  }
  return undefined
}

/** Names installed where a module in `dir` could import them, with scopes. */
export function installedPackages(dir: string): readonly string[] {
  const names = new Set<string>()
  for (let at = dir; ; at = dirname(at)) {
    for (const name of folderNames(join(at, 'node_modules'))) {
      if (name.startsWith('@')) {
        for (const inner of folderNames(join(at, 'node_modules', name))) names.add(`${name}/${inner}`)
      } else {
        names.add(name)
      }
    }
    if (dirname(at) === at) break
  }
  return [...names].toSorted()
}

function isPackageName(name: string): boolean {
  return /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/.test(name)
}

function rootExport(exports: unknown): unknown {
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports)) return exports
  const map = exports as Readonly<Record<string, unknown>>
  return Object.keys(map).some((key) => key.startsWith('.')) ? map['.'] : map
}

/** https://nodejs.org/api/packages.html#conditional-exports: the first condition in the map's order that holds. */
function exportTarget(
  target: unknown,
  sources: boolean,
): { readonly path: string; readonly source: boolean } | undefined {
  if (typeof target === 'string') return { path: target, source: false }
  if (Array.isArray(target)) {
    for (const item of target) {
      const found = exportTarget(item, sources)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (typeof target !== 'object' || target === null) return undefined
  for (const [condition, inner] of Object.entries(target)) {
    const isSource = condition === SOURCE_CONDITION
    if (!(isSource ? sources : ['node', 'import', 'module-sync', 'require', 'default'].includes(condition))) continue
    const found = exportTarget(inner, sources)
    if (found !== undefined) return { path: found.path, source: isSource || found.source }
  }
  return undefined
}

/** What only the resolver of the host knows: Plug'n'Play, NODE_PATH. */
function fromResolver(name: string, dir: string): PackageEntry | undefined {
  try {
    return { file: createRequire(join(dir, 'noop.js')).resolve(name), version: undefined, source: false }
  } catch {
    return undefined
  }
}

function folderNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() === true
}

function isFile(path: string): boolean {
  return statOf(path)?.isFile() === true
}

/** A name that is too long, or that no file can have, is that of no file. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
