import { isDeepStrictEqual } from 'node:util'
import type { LayerOf, Plugin } from '@dda-thinker/plugin-api'
import { pluginSettle } from '../errors-plugin.ts'
import { fits } from '../schema/validate.ts'
import type { Origins } from '../tree/origins.ts'
import { fromValue, leaves, toValue, type KeyPath, type MapNode, type Node, type Origin } from '../tree/tree.ts'

/**
 * Options as their plugin settles them (`PluginDefinition.settle`): what gave way stands at its default, and says so.
 *
 * @param options checked, with their defaults
 * @param origins where each of them was said
 * @throws DdaError `DDA_PLUGIN_SETTLE`
 */
export function settled(options: MapNode, plugin: Plugin, origins: Origins, path: KeyPath): MapNode {
  if (plugin.settle === undefined) return options
  const layerOf: LayerOf = (option) => origins.layerOf([...path, ...option.split('.')])
  const after = answer(plugin, toValue(options) as Readonly<Record<string, unknown>>, layerOf)
  return changed(options, after, { origin: { from: 'default', by: plugin.name }, secrets: writtenOf(options) })
}

function answer(
  plugin: Plugin,
  options: Readonly<Record<string, unknown>>,
  layerOf: LayerOf,
): Readonly<Record<string, unknown>> {
  let result: unknown
  try {
    result = plugin.settle?.(options, layerOf)
  } catch (error) {
    throw pluginSettle(plugin.name, error)
  }
  if (result instanceof Promise) {
    result.catch(() => undefined)
    throw pluginSettle(plugin.name, 'it returns a promise')
  }
  // A copy, for the check fills in what is missing.
  const after = toValue(fromValue(result, { from: 'default', by: plugin.name }))
  if (isRecord(after) && fits(plugin.options, after)) return after
  throw pluginSettle(plugin.name, 'it returns what its own schema refuses')
}

interface Making {
  /** Of what is new. */
  readonly origin: Origin
  /** What was put in for environment variables: as it was written it stays, wherever it is put. */
  readonly secrets: ReadonlyMap<unknown, Node>
}

function writtenOf(options: MapNode): Making['secrets'] {
  const nodes = [...leaves(options)].map(([, node]) => node)
  return new Map(
    nodes.flatMap((node) => (node.type === 'scalar' && node.written !== undefined ? [[node.value, node]] : [])),
  )
}

function changed(before: MapNode, after: Readonly<Record<string, unknown>>, making: Making): MapNode {
  const keys = [...new Set([...before.entries.keys(), ...Object.keys(after)])]
  const entries = keys.flatMap((key): [string, Node][] => {
    const [node, value] = [before.entries.get(key), after[key]]
    if (value === undefined) return []
    if (node !== undefined && isDeepStrictEqual(toValue(node), value)) return [[key, node]]
    return [[key, node?.type === 'map' && isRecord(value) ? changed(node, value, making) : made(value, making)]]
  })
  // A map of which nothing is left was said by nobody.
  return { ...before, entries: new Map(entries), ...(entries.length === 0 && { origin: making.origin }) }
}

function made(value: unknown, making: Making): Node {
  const { origin, secrets } = making
  if (Array.isArray(value)) return { type: 'list', items: value.map((item) => made(item, making)), origin }
  if (!isRecord(value)) return secrets.get(value) ?? fromValue(value, origin)
  return {
    type: 'map',
    entries: new Map(Object.entries(value).map(([key, item]) => [key, made(item, making)])),
    origin,
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
