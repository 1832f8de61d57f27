import { dirname, isAbsolute, relative } from 'node:path'
import { getNode, leaves, nearestNode, parsePath, toValue, type KeyPath, type Node, type Origin } from './tree.ts'

/** One value of a configuration as `dda config print` shows it. */
export interface ConfigEntry {
  readonly path: KeyPath
  /** Strings that name environment variables are as they were written: the variable's value is not shown. */
  readonly value: unknown
  readonly origin: Origin
}

/** Where every value of a configuration was said. */
export class Origins {
  readonly #root: Node
  readonly #cwd: string
  readonly #files: readonly string[]

  /**
   * @param cwd what paths in variables, arguments and defaults are relative to
   * @param files in the order in which they are applied: presets, then the project's own
   */
  constructor(root: Node, cwd: string, files: readonly string[]) {
    this.#root = root
    this.#cwd = cwd
    this.#files = files
  }

  /** @param path keys, or text such as `judge[0].model` */
  at(path: KeyPath | string): Origin | undefined {
    const keys = typeof path === 'string' ? parsePath(path) : path
    return keys === undefined ? undefined : getNode(this.#root, keys)?.origin
  }

  /** The value at a key with environment variables as they were written: what may be stored or shown. */
  written(path: KeyPath): unknown {
    const node = getNode(this.#root, path)
    return node === undefined ? undefined : toValue(node, 'written')
  }

  /** Every leaf with its origin, in the order of the configuration. */
  entries(): readonly ConfigEntry[] {
    return [...leaves(this.#root)].map(([path, node]) => ({
      path,
      value: toValue(node, 'written'),
      origin: node.origin,
    }))
  }

  /** See `LayerOf` of the plugin API. A key that is not there is said by nobody. */
  layerOf(path: KeyPath): number {
    const node = getNode(this.#root, path)
    if (node === undefined) return 0
    return Math.max(...[...leaves(node)].map(([, { origin }]) => this.#layer(origin)))
  }

  #layer(origin: Origin): number {
    if (origin.from === 'default') return 0
    return origin.from === 'file' ? this.#files.indexOf(origin.file) + 1 : this.#files.length
  }

  /** The folder that a relative path at this key starts from: that of the file that says it. */
  dirOf(path: KeyPath): string {
    const { origin } = nearestNode(this.#root, path)
    return origin.from === 'file' ? dirname(origin.file) : this.#cwd
  }

  /** The folder of the file that said this very text somewhere under `path`. */
  dirOfText(path: KeyPath, text: string): string | undefined {
    const node = getNode(this.#root, path)
    if (node === undefined) return undefined
    for (const [inner, leaf] of leaves(node, path)) {
      if (leaf.type === 'scalar' && leaf.value === text) return this.dirOf(inner)
    }
    return undefined
  }

  /** `file:line:column` of a key, or of the nearest one above it. */
  locate(path: KeyPath): string {
    return formatOrigin(nearestNode(this.#root, path).origin, this.#cwd)
  }
}

/** `dda.config.yaml:3:9`, `DDA_SEED`, `--set seed=2`, `default of trainer-onnx`. */
export function formatOrigin(origin: Origin, cwd: string): string {
  switch (origin.from) {
    case 'file': {
      const place = origin.line === undefined ? '' : `:${origin.line}:${origin.column ?? 1}`
      return `${shortPath(origin.file, cwd)}${place}`
    }
    case 'env':
      return origin.variable
    case 'set':
      return `--set ${origin.argument}`
    default:
      return `default of ${origin.by}`
  }
}

function shortPath(file: string, cwd: string): string {
  const short = relative(cwd, file)
  return short === '' || short.startsWith('..') || isAbsolute(short) ? file : short
}
