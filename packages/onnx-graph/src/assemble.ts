import { encodeModel, type AttributeValue, type DType, type GraphDef, type NodeDef, type ValueDef } from './proto.ts'

/** A node before names are final. */
export interface DraftNode {
  readonly op: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, AttributeValue>>
  readonly bodies: Readonly<Record<string, DraftGraph>>
}

export interface DraftValue {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: DType
}

export interface DraftGraph {
  readonly nodes: readonly DraftNode[]
  readonly inputs: readonly DraftValue[]
  readonly outputs: ReadonlyMap<string, DraftValue>
}

export interface Constant {
  readonly dtype: DType
  readonly dims: readonly number[]
  readonly raw: Uint8Array
}

/** opset 20 is the first with Gelu; IR 9 is the version that came with it. */
const OPSET = 20
const IR_VERSION = 9

/** Operators whose later outputs cost time and may be absent. */
const OPTIONAL_OUTPUTS = new Set(['LayerNormalization', 'SimplifiedLayerNormalization'])

function dropUnneeded(outputs: readonly string[], needed: ReadonlySet<string>): string[] {
  const kept = outputs.map((name) => (needed.has(name) ? name : ''))
  return kept.slice(0, kept.findLastIndex((name) => name !== '') + 1)
}

/**
 * Keeps the nodes that the outputs need, in order, and the names that those take from outside the graph.
 */
function prune(graph: DraftGraph): { nodes: DraftNode[]; needed: Set<string> } {
  const needed = new Set<string>([...graph.outputs.values()].map((output) => output.name))
  const kept: DraftNode[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue
    const outputs = OPTIONAL_OUTPUTS.has(node.op) ? dropUnneeded(node.outputs, needed) : node.outputs
    kept.push({ ...node, outputs })
    for (const name of node.inputs) needed.add(name)
    for (const body of Object.values(node.bodies)) for (const name of prune(body).needed) needed.add(name)
  }
  for (const input of graph.inputs) needed.delete(input.name)
  return { nodes: kept.toReversed(), needed }
}

/** Turns a builder's graph into the bytes of a model. */
export function assemble(
  main: DraftGraph,
  constants: ReadonlyMap<string, Constant>,
  renamed: ReadonlyMap<string, string>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const domains = new Set<string>([''])
  const final = (name: string): string => renamed.get(name) ?? name
  const value = (draft: DraftValue): ValueDef => ({ name: final(draft.name), dtype: draft.dtype, shape: draft.shape })

  const define = (
    graph: DraftGraph,
    name: string,
    nodes: readonly DraftNode[],
    isMain: boolean,
    needed: Set<string>,
  ): GraphDef => ({
    name,
    nodes: nodes.map((node): NodeDef => {
      domains.add(node.domain)
      const bodies = Object.entries(node.bodies).map(([attribute, body]): [string, AttributeValue] => {
        const pruned = prune(body)
        return [
          attribute,
          { graph: define(body, `${attribute}_${node.outputs[0] ?? ''}`, pruned.nodes, false, pruned.needed) },
        ]
      })
      return {
        op: node.op,
        domain: node.domain,
        name: `${node.op}_${node.outputs.find((output) => output !== '') ?? ''}`,
        inputs: node.inputs.map(final),
        outputs: node.outputs.map(final),
        attributes: { ...node.attributes, ...Object.fromEntries(bodies) },
      }
    }),
    // Constants live in the main graph; Loop bodies read them as outer values.
    initializers: isMain
      ? [...constants].filter(([key]) => needed.has(key)).map(([key, constant]) => ({ name: key, ...constant }))
      : [],
    inputs: graph.inputs.map(value),
    outputs: [...graph.outputs.values()].map(value),
  })

  const pruned = prune(main)
  const graph = define(main, 'main', pruned.nodes, true, pruned.needed)
  const opsets = Object.fromEntries([...domains].map((domain) => [domain, domain === '' ? OPSET : 1]))
  return encodeModel({ irVersion: IR_VERSION, opsets, producer: 'dda-thinker', graph, metadata })
}
