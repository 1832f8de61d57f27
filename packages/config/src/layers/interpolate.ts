import type { ConfigProblem } from '../errors-config.ts'
import { formatOrigin } from '../tree/origins.ts'
import { formatPath, type KeyPath, type Node } from '../tree/tree.ts'

const REFERENCE = /\$?\$\{env:([^}]*)\}/g

/**
 * Puts environment variables into strings: `${env:NAME}`, explicit and in values only; `$${env:NAME}` stays as text. What
 * was written is kept beside the result, so that nothing secret is shown.
 */
export function interpolate(
  root: Node,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): {
  readonly tree: Node
  readonly problems: readonly ConfigProblem[]
  /** What was put in, and where. */
  readonly used: readonly { readonly name: string; readonly value: string; readonly at: KeyPath }[]
} {
  const problems: ConfigProblem[] = []
  const used: { readonly name: string; readonly value: string; readonly at: KeyPath }[] = []
  const visit = (node: Node, path: KeyPath): Node => {
    if (node.type === 'map') {
      return { ...node, entries: new Map([...node.entries].map(([key, item]) => [key, visit(item, [...path, key])])) }
    }
    if (node.type === 'list') return { ...node, items: node.items.map((item, index) => visit(item, [...path, index])) }
    if (typeof node.value !== 'string' || !node.value.includes('${env:')) return node
    const written = node.value
    const value = written.replaceAll(REFERENCE, (all, name: string) => {
      if (all.startsWith('$$')) return all.slice(1)
      const found = env[name]
      if (found === undefined) {
        problems.push({
          location: formatOrigin(node.origin, cwd),
          path: formatPath(path),
          message: `the environment variable ${name} is not set`,
          got: written,
        })
      }
      if (found !== undefined) used.push({ name, value: found, at: path })
      return found ?? ''
    })
    return { ...node, value, written }
  }
  return { tree: visit(root, []), problems, used }
}
