import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node as YamlNode,
  type Pair,
} from 'yaml'
import { configSyntax } from '../errors-config.ts'
import { emptyMap, type Node, type Origin } from './tree.ts'

/**
 * YAML (or JSON, which it contains) with the line and column of every key and value.
 * @returns `undefined` where the text holds no value.
 * @throws DdaError `DDA_CONFIG_SYNTAX` with the place.
 */
export function parseYamlTree(file: string, text: string): Node | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false })
  const at = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset)
    return { from: 'file', file, line, column: col }
  }
  const fault = document.errors[0]
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0])
    throw configSyntax(`${file}:${line}:${col}`, fault.message, fault)
  }
  return document.contents === null ? undefined : build(document, document.contents, at)
}

/** Like {@link parseYamlTree} for strict JSON: no comments, no bare words. */
export function parseJsonTree(file: string, text: string): Node | undefined {
  try {
    JSON.parse(text)
  } catch (error) {
    throw configSyntax(jsonPlace(file, text, error), error instanceof Error ? error.message : String(error), error)
  }
  // Tabs are white space in JSON and not everywhere in YAML; one space each keeps every column.
  return parseYamlTree(file, text.replaceAll('\t', ' '))
}

function jsonPlace(file: string, text: string, error: unknown): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
  // "Unexpected end of JSON input" carries no position.
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n')
  return `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}

function build(document: Document, node: unknown, at: (offset: number) => Origin, key?: Origin): Node {
  const target = isAlias(node) ? node.resolve(document) : node
  const origin = at(rangeStart(node) ?? 0)
  const base = key === undefined ? { origin } : { origin, key }
  if (isMap(target)) return { ...base, type: 'map', entries: mapEntries(document, target.items, at) }
  if (isSeq(target)) return { ...base, type: 'list', items: target.items.map((item) => build(document, item, at)) }
  return { ...base, type: 'scalar', value: isScalar(target) ? target.value : null }
}

function mapEntries(
  document: Document,
  pairs: readonly Pair[],
  at: (offset: number) => Origin,
): ReadonlyMap<string, Node> {
  const entries = new Map<string, Node>()
  const merged = new Map<string, Node>()
  for (const pair of pairs) {
    const name = isScalar(pair.key) ? pair.key.value : pair.key
    const keyOrigin = at(rangeStart(pair.key) ?? 0)
    const value: Node =
      pair.value === null || pair.value === undefined
        ? { type: 'scalar', value: null, origin: keyOrigin, key: keyOrigin }
        : build(document, pair.value, at, keyOrigin)
    if (isMergeKey(name)) {
      for (const source of value.type === 'list' ? value.items : [value]) {
        const from = source.type === 'map' ? source : emptyMap(keyOrigin)
        for (const [inner, node] of from.entries) if (!merged.has(inner)) merged.set(inner, node)
      }
    } else {
      entries.set(String(name), value)
    }
  }
  for (const [name, node] of merged) if (!entries.has(name)) entries.set(name, node)
  return entries
}

function isMergeKey(name: unknown): boolean {
  return name === '<<' || (typeof name === 'symbol' && name.description === '<<')
}

function rangeStart(node: unknown): number | undefined {
  return (node as YamlNode | null | undefined)?.range?.[0]
}
