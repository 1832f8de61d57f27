import type { Document, Node as YamlNode, Pair } from 'yaml'
import { configSyntax } from '../errors-config.ts'
import { emptyMap, type Node, type Origin } from './tree.ts'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from './yaml.ts'

/**
 * YAML (or JSON, which it contains) with the line and column of every key and value.
 * @returns `undefined` where the text holds no value.
 * @throws DdaError `DDA_CONFIG_SYNTAX` with the place.
 */
export function parseYamlTree(file: string, text: string): Node | undefined {
  const lines = new LineCounter()
  let document: Document
  try {
    document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false, intAsBigInt: true })
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error
    throw configSyntax(`${file}:1:1`, TOO_DEEP, error)
  }
  const at = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset)
    return { from: 'file', file, line, column: col }
  }
  const fault = document.errors[0]
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0])
    throw configSyntax(`${file}:${line}:${col}`, fault.message, fault)
  }
  if (document.contents === null) return undefined
  const refuse = (origin: Origin, why: string): never => {
    const place = origin.from === 'file' ? `:${origin.line ?? 1}:${origin.column ?? 1}` : ''
    throw configSyntax(`${file}${place}`, why, undefined)
  }
  return build(document.contents, { document, at, refuse, values: 0, depth: 0 })
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

/** Values of a file with all aliases written out: a few lines of aliases of aliases are billions. */
const MOST_VALUES = 100_000
const DEEPEST = 100
const TOO_DEEP = `the file is more than ${DEEPEST} levels deep`

interface Building {
  readonly document: Document
  readonly at: (offset: number) => Origin
  readonly refuse: (origin: Origin, why: string) => never
  values: number
  depth: number
}

function build(node: unknown, building: Building, key?: Origin): Node {
  const target = isAlias(node) ? node.resolve(building.document) : node
  const origin = building.at(rangeStart(node) ?? 0)
  const base = key === undefined ? { origin } : { origin, key }
  building.values += 1
  if (building.values > MOST_VALUES) {
    building.refuse(origin, `the file holds more than ${MOST_VALUES} values, aliases written out`)
  }
  if (!isMap(target) && !isSeq(target)) return { ...base, type: 'scalar', value: scalarOf(target, origin, building) }
  building.depth += 1
  // An alias of something that it stands in has no end.
  if (building.depth > DEEPEST) building.refuse(origin, TOO_DEEP)
  const made: Node = isMap(target)
    ? { ...base, type: 'map', entries: mapEntries(target.items, building) }
    : { ...base, type: 'list', items: target.items.map((item) => build(item, building)) }
  building.depth -= 1
  return made
}

/** Integers come as `bigint`: what no number holds exactly is refused, never rounded. */
function scalarOf(target: unknown, origin: Origin, { refuse }: Building): unknown {
  const value = isScalar(target) ? target.value : null
  if (typeof value !== 'bigint') return value
  return isExact(value) ? Number(value) : refuse(origin, inexact(value))
}

/** Is the integer a number without rounding? */
export function isExact(value: bigint): boolean {
  return Number.isSafeInteger(Number(value))
}

export function inexact(value: bigint): string {
  return `the integer ${value} is beyond ±${Number.MAX_SAFE_INTEGER} and would be rounded; quote it where it is a text`
}

function mapEntries(pairs: readonly Pair[], building: Building): ReadonlyMap<string, Node> {
  const { at } = building
  const entries = new Map<string, Node>()
  const merged = new Map<string, Node>()
  for (const pair of pairs) {
    const name = isScalar(pair.key) ? pair.key.value : pair.key
    const keyOrigin = at(rangeStart(pair.key) ?? 0)
    const value: Node =
      pair.value === null || pair.value === undefined
        ? { type: 'scalar', value: null, origin: keyOrigin, key: keyOrigin }
        : build(pair.value, building, keyOrigin)
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
