import { parse } from '../tree/yaml.ts'
import { inexact, isExact } from '../tree/yaml-tree.ts'
import { setMalformed, type ConfigProblem } from '../errors-config.ts'
import { PLUGIN_KEYS } from '../kinds.ts'
import { isSlip, nearest } from '../nearest.ts'
import {
  emptyMap,
  formatPath,
  fromValue,
  getNode,
  parsePath,
  setNode,
  type KeyPath,
  type Node,
  type Origin,
} from '../tree/tree.ts'

const PREFIX = 'DDA_'

/**
 * Values of `DDA_<KEY>` variables: `DDA_TRAIN__STEPS=50` is `train.steps`, `DDA_JUDGE__0__MODEL` is `judge[0].model`. Case,
 * single underscores and hyphens do not count: `DDA_TRAIN__SAMPLES_PER_STEP`. A variable that is empty, or whose first
 * word is like no key, is not ours.
 */
export function applyEnvironment(
  tree: Node,
  env: Readonly<Record<string, string | undefined>>,
  schema: SchemaNode,
): { readonly tree: Node; readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = []
  const top = Object.keys(schema.properties ?? {})
  const overrides: Override[] = []
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || text === undefined || text === '') continue
    const words = variable.slice(PREFIX.length).split('__')
    const path = namesToPath(words, tree, schema)
    const first = path[0]
    if (typeof first === 'string' && top.includes(first)) {
      overrides.push({ path, text, origin: { from: 'env', variable } })
      continue
    }
    const suggestion = nearest(plain(words[0] ?? ''), top.map(plain))
    if (words.length > 1 || (suggestion !== undefined && isSlip(plain(words[0] ?? ''), suggestion))) {
      const meant = top.find((key) => plain(key) === suggestion)
      problems.push({
        location: variable,
        path: formatPath(path),
        message: 'no key of the configuration has this name',
        ...(meant === undefined ? {} : { suggestion: [PREFIX + snake(meant), ...words.slice(1)].join('__') }),
      })
    }
  }
  const refuse = (override: Override, why: string) => {
    problems.push({ location: originText(override.origin), path: formatPath(override.path), message: why })
    return undefined
  }
  return { tree: applyAll(tree, overrides, refuse), problems }
}

/** `--set key=value`, in order. @throws DdaError `DDA_CONFIG_SET` */
export function applySets(tree: Node, set: readonly string[]): Node {
  const overrides = set.map((argument): Override => {
    const equals = argument.indexOf('=')
    if (equals <= 0) throw setMalformed(argument, 'expected key=value.')
    const path = parsePath(argument.slice(0, equals))
    if (path === undefined) throw setMalformed(argument, `\`${argument.slice(0, equals)}\` is no key.`)
    return { path, text: argument.slice(equals + 1), origin: { from: 'set', argument } }
  })
  return applyAll(tree, overrides, ({ origin }, why) => {
    throw setMalformed(origin.from === 'set' ? origin.argument : '', `${why}.`)
  })
}

interface Override {
  readonly path: KeyPath
  readonly text: string
  readonly origin: Origin
}

function applyAll(
  tree: Node,
  overrides: readonly Override[],
  refuse: (override: Override, why: string) => undefined,
): Node {
  let result = tree
  // Which plugin a block names comes first: naming another one clears the options of the one before.
  for (const override of overrides.toSorted((a, b) => Number(namesPlugin(b.path)) - Number(namesPlugin(a.path)))) {
    const value = readValue(override)
    if (value === undefined) {
      refuse(override, 'the value is not valid YAML')
      continue
    }
    const block = override.path.slice(0, -1)
    const before = getNode(result, override.path)
    const clears =
      namesPlugin(override.path) && before?.type === 'scalar' && value.type === 'scalar' && before.value !== value.value
    const cleared = clears ? (setNode(result, block, emptyMap(override.origin)) ?? result) : result
    const next = setNode(cleared, override.path, value)
    if (next === undefined)
      refuse(
        override,
        `\`${formatPath(override.path)}\` leads nowhere: a key above it is not a map, or a list ends before it`,
      )
    else result = next
  }
  return result
}

/** `editor.use`, `judge[0].use` */
function namesPlugin(path: KeyPath): boolean {
  const key = PLUGIN_KEYS.find((known) => known.key === path[0])
  return key !== undefined && path.at(-1) === 'use' && path.length === (key.many ? 3 : 2)
}

function readValue({ text, origin }: Override): Node | undefined {
  if (text === '') return { type: 'scalar', value: '', raw: '', origin }
  try {
    // A warning would go to standard error by itself, with the value in it.
    const value: unknown = parse(text, { intAsBigInt: true, logLevel: 'error' })
    // As text it may still be what is expected.
    if (typeof value === 'bigint' && !isExact(value)) return { type: 'scalar', value: text, raw: text, origin }
    const node = fromValue(withNumbers(value), origin)
    return node.type === 'scalar' ? { ...node, raw: text } : node
  } catch {
    return undefined
  }
}

/** @throws RangeError for an integer that no number holds exactly */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') {
    if (!isExact(value)) throw new RangeError(inexact(value))
    return Number(value)
  }
  if (Array.isArray(value)) return value.map(withNumbers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withNumbers(item)]))
}

/** What is read of a schema here. */
interface SchemaNode {
  readonly type?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  /** A union has this and none of the others. */
  readonly anyOf?: unknown
}

function namesToPath(words: readonly string[], tree: Node, schema: SchemaNode): KeyPath {
  const path: (string | number)[] = []
  let at: SchemaNode | undefined = schema
  for (const word of words) {
    const here = getNode(tree, path)
    const known: readonly string[] = [
      ...Object.keys(at?.properties ?? {}),
      ...(here?.type === 'map' ? here.entries.keys() : []),
    ]
    const key: string | number = /^\d+$/.test(word)
      ? Number(word)
      : (known.find((name) => plain(name) === plain(word)) ?? camel(word))
    path.push(key)
    at = typeof key === 'number' ? at?.items : at?.properties?.[key]
  }
  return path
}

const plain = (name: string) => name.toLowerCase().replaceAll(/[-_]/g, '')
const camel = (word: string) => word.toLowerCase().replaceAll(/_+(\w)/g, (_all, letter: string) => letter.toUpperCase())
const snake = (key: string) =>
  key
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase()
const originText = (origin: Origin) => (origin.from === 'env' ? origin.variable : '')
