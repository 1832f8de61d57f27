import { API_VERSION, type DdaError, ERRORS_PAGE, type PluginKind } from '@dda-thinker/plugin-api'
import { messageOf, triedList } from './errors-config.ts'
import { errors } from './errors.ts'
import { withArticle } from './kinds.ts'
import { didYouMean } from './nearest.ts'

/** Explains how to add a plugin of the framework to a project. */
const ADDING_PAGE = new URL('../guide/add-a-plugin.md', ERRORS_PAGE).href

/** What a name that is one of ours, and is not installed, says: which package it is of, and how to get it. */
export interface MissingPackage {
  readonly use: string
  readonly kind: PluginKind | 'preset'
  readonly name: string
  readonly command: string
  readonly folder: string
}

export function pluginNotInstalled(missing: MissingPackage): DdaError {
  return errors.make('DDA_PLUGIN_NOT_FOUND/not-installed', { ...missing, wanted: missing.kind, page: ADDING_PAGE })
}

export function presetNotInstalled(missing: MissingPackage, location: string): DdaError {
  const texts = { ...missing, location, wanted: missing.kind, page: ADDING_PAGE }
  return errors.make('DDA_CONFIG_PRESET_UNKNOWN/not-installed', texts, { location })
}

export function pluginNotBuilt(use: string, folder: string, file: string): DdaError {
  return errors.make('DDA_PLUGIN_NOT_BUILT', { use, folder, file })
}

export function pluginNotFound(options: {
  readonly use: string
  readonly kind: PluginKind
  readonly tried: readonly string[]
  readonly suggestion: string | undefined
  readonly otherKind: PluginKind | undefined
}): DdaError {
  const { use, kind, tried, suggestion, otherKind } = options
  const other =
    otherKind === undefined ? '' : ` There is a plugin of that name, but that is ${wrongKind(otherKind, kind)}.`
  return errors.make('DDA_PLUGIN_NOT_FOUND/unknown', {
    wanted: kind === 'plugin' ? 'plugin' : `${kind} plugin`,
    use,
    otherKind: other,
    didYouMean: didYouMean(suggestion),
    tried: triedList(tried),
  })
}

function wrongKind(actual: string, wanted: PluginKind): string {
  return `${withArticle(actual)}, not ${withArticle(wanted)}`
}

export function pluginInvalid(use: string, path: string): DdaError {
  return errors.make('DDA_PLUGIN_INVALID', { path, use })
}

/** @param fault a clause, for example: its `setup` is no function */
export function pluginIncomplete(name: unknown, path: string, fault: string): DdaError {
  return errors.make('DDA_PLUGIN_INVALID/incomplete', { name: typeof name === 'string' ? name : '?', path, fault })
}

export function pluginBroken(use: string, path: string, cause: unknown): DdaError {
  const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test(String((cause as { readonly code?: unknown } | null)?.code))
  return errors.make(
    isMissing ? 'DDA_PLUGIN_LOAD/missing' : 'DDA_PLUGIN_LOAD',
    { use, path, why: messageOf(cause) },
    { cause },
  )
}

export function pluginApiVersion(name: string, version: unknown, path: string): DdaError {
  if (typeof version !== 'number')
    return errors.make(
      'DDA_PLUGIN_API_VERSION/none',
      { name, path, version: JSON.stringify(version) ?? 'none' },
      { plugin: name },
    )
  return errors.make(
    version > API_VERSION ? 'DDA_PLUGIN_API_VERSION/newer' : 'DDA_PLUGIN_API_VERSION/older',
    { name, path, version: String(version), ours: API_VERSION },
    { plugin: name },
  )
}

export function pluginOfOtherKind(use: string, kind: PluginKind, kinds: readonly string[], path: string): DdaError {
  return errors.make('DDA_PLUGIN_KIND', {
    use,
    kind,
    found: wrongKind(listOf(kinds), kind),
    path,
    kinds: kinds.map((name) => `\`${name}\``).join(' or '),
  })
}

function listOf(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean).join(' and ')
}

export function pluginSchema(name: string, cause: unknown): DdaError {
  return errors.make('DDA_PLUGIN_SCHEMA', { name, why: messageOf(cause) }, { plugin: name, cause })
}

/** @param why a clause, or what `settle` threw */
export function pluginSettle(name: string, why: unknown): DdaError {
  const cause = typeof why === 'string' ? {} : { cause: why }
  return errors.make(
    'DDA_PLUGIN_SETTLE',
    { name, why: typeof why === 'string' ? why : messageOf(why) },
    { plugin: name, ...cause },
  )
}
