import { isDeepStrictEqual } from 'node:util'
import type { Plugin } from '@dda-thinker/plugin-api'
import { pluginSettle } from '../errors-plugin.ts'
import { fits } from '../schema/validate.ts'
import type { Origins } from '../tree/origins.ts'
import { fromValue, toValue, type KeyPath, type MapNode, type Node, type Origin } from '../tree/tree.ts'

/**
 * A block as its plugin settles it (`PluginDefinition.settle`): what gave way stands at its default, and says so. The core's keys are not
 * the plugin's, and stay.
 *
 * @param block checked, with its defaults
 * @param origins where each of it was said
 * @throws DdaError `DDA_PLUGIN_SETTLE`
 */
export function settled(block: Node, plugin: Plugin, origins: Origins, path: KeyPath): Node {
  if (plugin.settle === undefined || block.type !== 'map') return block
  const { use: _use, id: _id, ...options } = toValue(block) as Readonly<Record<string, unknown>>
  const layerOf = (option: string) => origins.layerOf([...path, ...option.split('.')])
  let after: unknown
  try {
    after = structuredClone(plugin.settle(options, layerOf))
  } catch (error) {
    throw pluginSettle(plugin.name, error)
  }
  // Which also fills in what is missing.
  if (!isRecord(after) || !fits(plugin.options, after)) {
    throw pluginSettle(plugin.name, 'it returns what its own schema refuses')
  }
  return changed(block, after, new Set(['use', 'id']), { from: 'default', by: plugin.name })
}

function changed(
  before: MapNode,
  after: Readonly<Record<string, unknown>>,
  kept: ReadonlySet<string>,
  origin: Origin,
): MapNode {
  const entries = new Map<string, Node>()
  for (const [key, node] of before.entries) {
    const value = after[key]
    if (kept.has(key) || isDeepStrictEqual(toValue(node), value)) entries.set(key, node)
    else if (node.type === 'map' && isRecord(value)) entries.set(key, changed(node, value, new Set(), origin))
    else if (value !== undefined) entries.set(key, fromValue(value, origin))
  }
  return { ...before, entries }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
