/** Where a value of the configuration was said. */
export type Origin =
  | { readonly from: 'file'; readonly file: string; readonly line?: number; readonly column?: number }
  | { readonly from: 'env'; readonly variable: string }
  | { readonly from: 'set'; readonly argument: string }
  | { readonly from: 'default'; readonly by: string }

export interface ScalarNode {
  readonly type: 'scalar'
  readonly value: unknown
  /** A string before environment variables were put in: what may be shown. */
  readonly written?: string
  /** The text of a variable or argument before it was read as YAML: its value where text is expected. */
  readonly raw?: string
  readonly origin: Origin
  readonly key?: Origin
}

/** A configuration value with the origin of each of its parts. `key` is where its name stands, for unknown keys. */
export type Node =
  | ScalarNode
  | { readonly type: 'list'; readonly items: readonly Node[]; readonly origin: Origin; readonly key?: Origin }
  | {
      readonly type: 'map'
      readonly entries: ReadonlyMap<string, Node>
      readonly origin: Origin
      readonly key?: Origin
    }

export type MapNode = Extract<Node, { type: 'map' }>

export type KeyPath = readonly (string | number)[]

/** `judge[0].model`, as a user would write it. Keys with odd characters are quoted. */
export function formatPath(path: KeyPath): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w$-]+$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${JSON.stringify(part)}]`
  }
  return text === '' ? '(top level)' : text
}

/** `train.steps` and `judge[0].model`, and `judge.0.model` as well. `undefined` where it is malformed. */
export function parsePath(text: string): KeyPath | undefined {
  const path: (string | number)[] = []
  const part = /(?:^|\.)([\w$-]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y
  while (part.lastIndex < text.length) {
    const match = part.exec(text)
    if (match === null) return undefined
    const [, name, index, quoted] = match
    if (index !== undefined) path.push(Number(index))
    else if (quoted !== undefined) {
      const key = unquoted(quoted)
      if (key === undefined) return undefined
      path.push(key)
    } else if (name !== undefined) path.push(/^\d+$/.test(name) ? Number(name) : name)
  }
  return path.length === 0 ? undefined : path
}

function unquoted(text: string): string | undefined {
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    return undefined
  }
}

/** A node of plain data, all of one origin. */
export function fromValue(value: unknown, origin: Origin): Node {
  if (Array.isArray(value)) return { type: 'list', items: value.map((item) => fromValue(item, origin)), origin }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return { type: 'map', entries: new Map(entries.map(([key, item]) => [key, fromValue(item, origin)])), origin }
  }
  return { type: 'scalar', value, origin }
}

/** Plain data. With `written`, strings that name environment variables stay as they were written. */
export function toValue(node: Node, as: 'resolved' | 'written' = 'resolved'): unknown {
  switch (node.type) {
    case 'scalar':
      return as === 'written' && node.written !== undefined ? node.written : node.value
    case 'list':
      return node.items.map((item) => toValue(item, as))
    default:
      return Object.fromEntries([...node.entries].map(([key, item]) => [key, toValue(item, as)]))
  }
}

export function getNode(root: Node, path: KeyPath): Node | undefined {
  let node: Node | undefined = root
  for (const part of path) {
    if (node?.type === 'map') node = node.entries.get(String(part))
    else if (node?.type === 'list') node = node.items[Number(part)]
    else return undefined
  }
  return node
}

/** The node at `path`, or the nearest one above it: an omitted key is reported where its parent stands. */
export function nearestNode(root: Node, path: KeyPath): Node {
  for (let length = path.length; length > 0; length -= 1) {
    const node = getNode(root, path.slice(0, length))
    if (node !== undefined) return node
  }
  return root
}

/**
 * `over` on top of `base`: maps merge key by key, everything else replaces. At a slot key (`slots`, top level only), a
 * block that names another plugin replaces the whole block: options of one plugin mean nothing to another.
 */
export function mergeNodes(base: Node, over: Node, slots: ReadonlySet<string>): Node {
  return merge(base, over, slots, true)
}

function merge(base: Node, over: Node, slots: ReadonlySet<string>, top: boolean): Node {
  if (base.type !== 'map' || over.type !== 'map') return over
  const entries = new Map(base.entries)
  for (const [key, node] of over.entries) {
    const before = entries.get(key)
    const replaces = before === undefined || (top && slots.has(key) && namesAnotherPlugin(before, node))
    entries.set(key, replaces ? node : merge(before, node, slots, false))
  }
  return { ...over, entries }
}

function namesAnotherPlugin(before: Node, after: Node): boolean {
  const use = (node: Node) => {
    const value = getNode(node, ['use'])
    return value?.type === 'scalar' ? value.value : undefined
  }
  return use(after) !== undefined && use(before) !== undefined && use(before) !== use(after)
}

/** Sets one value deep in the tree, making maps on the way. `undefined` where the path leads through a scalar or past a list's end. */
export function setNode(root: Node, path: KeyPath, value: Node): Node | undefined {
  const [head, ...rest] = path
  if (head === undefined) return value
  if (root.type === 'list') {
    const index = Number(head)
    if (!Number.isInteger(index) || index < 0 || index > root.items.length) return undefined
    const changed = setNode(root.items[index] ?? emptyMap(value.origin), rest, value)
    if (changed === undefined) return undefined
    return {
      ...root,
      items: root.items
        .map((item, i) => (i === index ? changed : item))
        .concat(index === root.items.length ? [changed] : []),
    }
  }
  if (root.type === 'scalar') return undefined
  const changed = setNode(root.entries.get(String(head)) ?? emptyMap(value.origin), rest, value)
  if (changed === undefined) return undefined
  return { ...root, entries: new Map(root.entries).set(String(head), changed) }
}

export function emptyMap(origin: Origin): MapNode {
  return { type: 'map', entries: new Map(), origin }
}

/** Every leaf (scalar, empty list or empty map) with its path. */
export function* leaves(node: Node, path: KeyPath = []): Generator<readonly [KeyPath, Node]> {
  if (node.type === 'map' && node.entries.size > 0) {
    for (const [key, item] of node.entries) yield* leaves(item, [...path, key])
  } else if (node.type === 'list' && node.items.length > 0) {
    for (const [index, item] of node.items.entries()) yield* leaves(item, [...path, index])
  } else {
    yield [path, node]
  }
}
