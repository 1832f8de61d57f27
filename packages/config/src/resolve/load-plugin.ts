import { resolve } from 'node:path'
import {
  API_VERSION,
  isPlugin,
  isPluginSet,
  type Plugin,
  type PluginKind,
  type PluginSet,
} from '@dda-thinker/plugin-api'
import {
  pluginApiVersion,
  pluginBroken,
  pluginIncomplete,
  pluginInvalid,
  pluginNotBuilt,
  pluginNotFound,
  pluginNotInstalled,
  pluginOfOtherKind,
} from '../errors-plugin.ts'
import { candidates, installedKind, isPathLike, nearestInstalled, otherKindCandidates } from './find-plugin.ts'
import { importDefault } from './import-module.ts'
import { missingPackage } from './missing-package.ts'
import type { PackageEntry } from './package-entry.ts'

/** Plugins that are at hand already, by the name under which a config uses them: for tests and for embedding. */
export type PluginsAtHand = Readonly<Record<string, Plugin | PluginSet>>

export interface PluginRequest {
  /** As the config says it. */
  readonly use: string
  readonly kind: PluginKind
  /** Folder of the file that says it. */
  readonly dir: string
  readonly atHand?: PluginsAtHand | undefined
}

export interface FoundPlugin {
  readonly use: string
  readonly kind: PluginKind
  readonly plugin: Plugin
  /** Where it was resolved from. */
  readonly path: string
  readonly version: string | undefined
}

/**
 * Finds and imports one plugin. A short name `x` of kind `k` stands for the first of these that exports a plugin, sought
 * from the folder of the file that says it and then from the framework's own place: `x`, `@dda-thinker/k-x`,
 * `@dda-thinker/x` (a plugin set), `dda-k-x`; `@s/x` for `@s/x`, `@s/dda-k-x`; and then for a plugin set that is named for
 * another kind and offers this one too (`thinker: { use: onnx }` is part of `@dda-thinker/trainer-onnx`).
 *
 * @throws DdaError `DDA_PLUGIN_NOT_FOUND` with all that was tried, or with what installs it where it is one of ours; `DDA_PLUGIN_NOT_BUILT`, `DDA_PLUGIN_LOAD` where it throws on import,
 * `DDA_PLUGIN_INVALID` where it exports no plugin or one that lacks what a plugin has, `DDA_PLUGIN_KIND`, `DDA_PLUGIN_API_VERSION`
 */
export async function loadPlugin(request: PluginRequest): Promise<FoundPlugin> {
  const { use, kind, dir } = request
  const given = request.atHand?.[use]
  if (given !== undefined) return pick(request, given, `(given as \`${use}\`)`, undefined)
  const tried: string[] = []
  let foreign: string | undefined
  let unbuilt: string | undefined
  for (const candidate of candidates(kind, use, dir)) {
    const { entry } = candidate
    if (entry === undefined) {
      tried.push(candidate.tried)
      unbuilt ??= candidate.unbuilt
      continue
    }
    const exported = await importPlugin(use, entry)
    if (isPlugin(exported) || isPluginSet(exported)) return pick(request, exported, entry.file, entry.version)
    // A short name may also be that of an unrelated package (`openai`); the others are still to be tried.
    foreign ??= entry.file
    tried.push(`${candidate.tried} (${entry.file} exports no plugin)`)
  }
  for (const { entry } of otherKindCandidates(kind, use, dir)) {
    if (entry === undefined) continue
    const exported = await importPlugin(use, entry)
    if (isPluginSet(exported) && exported[kind] !== undefined) return pick(request, exported, entry.file, entry.version)
  }
  if (foreign !== undefined) throw pluginInvalid(use, foreign)
  const path = isPathLike(use)
  if (path && unbuilt !== undefined) throw pluginNotBuilt(use, resolve(dir, use), unbuilt)
  const missing = path ? undefined : missingPackage(kind, use, dir)
  if (missing !== undefined) throw pluginNotInstalled(missing)
  throw pluginNotFound({
    use,
    kind,
    tried,
    suggestion: path ? undefined : nearestInstalled(kind, use, dir),
    otherKind: path ? undefined : installedKind(use, dir),
  })
}

async function importPlugin(use: string, entry: PackageEntry): Promise<unknown> {
  return importDefault(entry.file, { native: entry.source }).catch((error: unknown) => {
    throw pluginBroken(use, entry.file, error)
  })
}

function pick(
  request: PluginRequest,
  exported: Plugin | PluginSet,
  path: string,
  version: string | undefined,
): FoundPlugin {
  const { use, kind } = request
  const plugin = isPluginSet(exported) ? exported[kind] : exported
  if (plugin === undefined) throw pluginOfOtherKind(use, kind, Object.keys(exported), path)
  if (!isPlugin(plugin)) throw pluginInvalid(use, path)
  if (plugin.apiVersion !== API_VERSION) throw pluginApiVersion(plugin.name, plugin.apiVersion, path)
  const fault = faultOf(plugin)
  if (fault !== undefined) throw pluginIncomplete(plugin.name, path, fault)
  return { use, kind, plugin, path, version }
}

/** What a definition lacks: authors without types find out here. */
function faultOf({
  name,
  options,
  setup,
  install,
  fake,
}: { readonly [K in keyof Plugin]: unknown }): string | undefined {
  if (typeof name !== 'string' || name.trim() === '') return 'its `name` is no text'
  if (typeof options !== 'object' || options === null) return 'its `options` are no schema'
  if (typeof setup !== 'function') return 'its `setup` is no function'
  const wrong = Object.entries({ install, fake }).find(([, it]) => it !== undefined && typeof it !== 'function')
  return wrong === undefined ? undefined : `its \`${wrong[0]}\` is no function`
}
