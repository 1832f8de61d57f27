import { dirname } from 'node:path'
import { extendsCycle, extendsMalformed, presetUnknown } from '../errors-config.ts'
import { presetNotInstalled } from '../errors-plugin.ts'
import { candidates, isPathLike, nearestInstalled } from '../resolve/find-plugin.ts'
import { missingPackage } from '../resolve/missing-package.ts'
import { formatOrigin } from '../tree/origins.ts'
import { CONFIG_EXTENSIONS, readConfig } from './read.ts'
import { emptyMap, mergeNodes, type MapNode, type Node } from '../tree/tree.ts'
import { PLUGIN_KEYS } from '../kinds.ts'

const META = /^(?:\$schema|extends|x-.*)$/

/** Keys whose whole block is replaced when another plugin is named. */
export const SLOT_KEYS: ReadonlySet<string> = new Set(PLUGIN_KEYS.filter(({ many }) => !many).map(({ key }) => key))

export interface Layers {
  /** Presets and file merged, without `extends`, `$schema` and `x-` keys. */
  readonly tree: MapNode
  /** Every file read, presets first: one that is applied more than once at its last place, where it wins. */
  readonly files: readonly string[]
}

/**
 * Reads a config with everything it extends: presets in order, each over the one before it, the file itself on top.
 * A preset is a path, a package, or a short name `x` for `@dda-thinker/preset-x` or `dda-preset-x`, sought from the folder
 * of the file that says it.
 *
 * @throws DdaError `DDA_CONFIG_PRESET_UNKNOWN`, `DDA_CONFIG_EXTENDS_CYCLE` naming the chain, `DDA_CONFIG_EXTENDS`, and
 * those of {@link readConfig}
 */
export async function readLayers(file: string, cwd: string, chain: readonly string[] = []): Promise<Layers> {
  const own = await readConfig(file)
  let tree: Node = emptyMap(own.origin)
  const files: string[] = []
  for (const { name, location } of presetNames(own, cwd)) {
    const preset = findPreset(name, dirname(file), location)
    const upTo = [...chain, file]
    if (upTo.includes(preset)) throw extendsCycle([...upTo.slice(upTo.indexOf(preset)), preset], location)
    const layers = await readLayers(preset, cwd, upTo)
    tree = mergeNodes(tree, layers.tree, SLOT_KEYS)
    files.push(...layers.files)
  }
  const rest: MapNode = { ...own, entries: new Map([...own.entries].filter(([key]) => !META.test(key))) }
  return { tree: mergeNodes(tree, rest, SLOT_KEYS) as MapNode, files: lastOfEach([...files, file]) }
}

function presetNames(own: MapNode, cwd: string): readonly { readonly name: string; readonly location: string }[] {
  const node = own.entries.get('extends')
  if (node === undefined) return []
  return (node.type === 'list' ? node.items : [node]).map((item) => {
    const location = formatOrigin(item.origin, cwd)
    if (item.type !== 'scalar' || typeof item.value !== 'string' || item.value === '') throw extendsMalformed(location)
    return { name: item.value, location }
  })
}

function findPreset(name: string, dir: string, location: string): string {
  const tried: string[] = []
  for (const candidate of candidates('preset', name, dir, CONFIG_EXTENSIONS)) {
    if (candidate.entry !== undefined) return candidate.entry.file
    tried.push(candidate.tried)
  }
  const missing = missingPackage('preset', name, dir)
  if (missing !== undefined) throw presetNotInstalled(missing, location)
  throw presetUnknown(name, location, tried, isPathLike(name) ? undefined : nearestInstalled('preset', name, dir))
}

function lastOfEach(files: readonly string[]): readonly string[] {
  return files.filter((file, i) => files.lastIndexOf(file) === i)
}
