import { existsSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PluginKind } from '@dda-thinker/plugin-api'
import { PLUGIN_KINDS } from '../kinds.ts'
import { nearest } from '../nearest.ts'
import {
  folderEntry,
  installedPackages,
  isPluginPackage,
  packageEntry,
  type PackageEntry,
  statOf,
} from './package-entry.ts'

const MODULE_EXTENSIONS = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts']

/** Core's own place: a project anywhere finds the plugins that lie beside the running framework. */
export const CORE_DIR = dirname(fileURLToPath(import.meta.url))

export function isPathLike(name: string): boolean {
  return /^\.{1,2}([/\\]|$)/.test(name) || isAbsolute(name)
}

/** A module, or a folder with a package.json or an index file. */
export function pathEntry(path: string, extensions: readonly string[] = MODULE_EXTENSIONS): PackageEntry | undefined {
  for (const candidate of [path, ...extensions.map((extension) => path + extension)]) {
    const found = statOf(candidate)
    if (found?.isFile() === true) return { file: candidate, version: undefined, source: false }
    if (found?.isDirectory() === true) return folderEntry(candidate)
  }
  return undefined
}

/** Package names that a short name of a kind may stand for, in the order in which they are tried. */
export function candidateNames(kind: PluginKind | 'preset', name: string): readonly string[] {
  const scoped = /^(@[^/]+)\/(.+)$/.exec(name)
  if (scoped !== null) return [name, `${scoped[1]}/dda-${kind}-${scoped[2]}`]
  return [name, `@dda-thinker/${kind}-${name}`, `@dda-thinker/${name}`, `dda-${kind}-${name}`]
}

/** Package names of the other kinds: such a package may be a plugin set that offers this kind too. */
function otherKindNames(kind: PluginKind, name: string): readonly string[] {
  return PLUGIN_KINDS.filter((other) => other !== kind).flatMap((other) =>
    candidateNames(other, name).filter((candidate) => candidate.includes(`${other}-`)),
  )
}

export interface Candidate {
  readonly name: string
  /** Where it was found; absent: it was not. */
  readonly entry?: PackageEntry
  /** The file that its package exports and that is not there: it was found, and was never built. */
  readonly unbuilt?: string
  /** For the list of all that was tried. */
  readonly tried: string
}

/** Every place that `use` may lead to, in order, found or not. */
export function* candidates(
  kind: PluginKind | 'preset',
  use: string,
  dir: string,
  extensions?: readonly string[],
): Generator<Candidate> {
  if (isPathLike(use)) {
    const path = resolve(dir, use)
    yield candidate(use, path, pathEntry(path, extensions))
    return
  }
  yield* installed(candidateNames(kind, use), dir)
}

/** Installed packages named for another kind, in order: they may be plugin sets that offer `kind` as well. */
export function* otherKindCandidates(kind: PluginKind, use: string, dir: string): Generator<Candidate> {
  if (isPathLike(use)) return
  for (const found of installed(otherKindNames(kind, use), dir)) if (found.entry !== undefined) yield found
}

function* installed(names: readonly string[], dir: string): Generator<Candidate> {
  const seen = new Set<string>()
  for (const from of [dir, CORE_DIR]) {
    for (const name of names) {
      const entry = packageEntry(name, from)
      if (entry !== undefined && seen.has(entry.file)) continue
      if (entry !== undefined) seen.add(entry.file)
      yield candidate(name, `${name} from ${from === CORE_DIR ? 'DDA-Thinker itself' : from}`, entry)
    }
  }
}

function candidate(name: string, tried: string, entry: PackageEntry | undefined): Candidate {
  // A package may export a file that was never built.
  if (entry !== undefined && !existsSync(entry.file))
    return { name, tried: `${tried} (found, but ${entry.file} is missing)`, unbuilt: entry.file }
  return entry === undefined ? { name, tried } : { name, tried, entry }
}

/** The nearest short name of an installed plugin of the kind. */
export function nearestInstalled(kind: PluginKind | 'preset', use: string, dir: string): string | undefined {
  return nearest(use, shortNames(kind, dir))
}

/** The kind under which a plugin of exactly this short name is installed. */
export function installedKind(use: string, dir: string): PluginKind | undefined {
  const names = allInstalled(dir)
  return PLUGIN_KINDS.find((kind) =>
    candidateNames(kind, use).some((name) => name.includes(`${kind}-`) && names.has(name)),
  )
}

function shortNames(kind: string, dir: string): readonly string[] {
  const ofKind = new RegExp(`^(?:@dda-thinker/|(@[^/]+/)?dda-)${kind}-(.+)$`)
  const ofAnyKind = new RegExp(`^(?:${PLUGIN_KINDS.join('|')}|preset)-`)
  const names: string[] = []
  for (const name of allInstalled(dir)) {
    const match = ofKind.exec(name)
    const alone = /^@dda-thinker\/(.+)$/.exec(name)?.[1]
    if (match?.[2] !== undefined) names.push(`${match[1] ?? ''}${match[2]}`)
    else if (alone !== undefined && kind !== 'preset' && !ofAnyKind.test(alone) && isPluginAnywhere(name, dir))
      names.push(alone)
  }
  return names
}

function isPluginAnywhere(name: string, dir: string): boolean {
  return isPluginPackage(name, dir) || isPluginPackage(name, CORE_DIR)
}

function allInstalled(dir: string): ReadonlySet<string> {
  return new Set([...installedPackages(dir), ...installedPackages(CORE_DIR)])
}
