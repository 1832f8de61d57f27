import { createHash } from 'node:crypto'
import { sortedByName, type Scalar } from '@dda-thinker/endpoints'
import { errors } from './errors.ts'
import type { EditorOptions } from './options.ts'

/** A node as ComfyUI's "Export (API)" writes it. An input is a literal or a link `[nodeId, output]`. */
export interface WorkflowNode {
  readonly class_type: string
  readonly inputs: Readonly<Record<string, unknown>>
}

export type Graph = Readonly<Record<string, WorkflowNode>>

export interface SlotValues {
  /** Names on the server, one for each image slot. */
  readonly images: readonly string[]
  readonly prompt: string
  readonly seed: number
  /** Pixels. */
  readonly width: number
  /** Pixels. */
  readonly height: number
}

export type WorkflowOptions = Pick<EditorOptions, 'workflow' | 'slots' | 'params' | 'output'>

interface Place {
  readonly node: string
  readonly input: string
}

/** Paths of the image slots, in the order of the source pictures. */
export function imageSlots({ slots }: Pick<WorkflowOptions, 'slots'>): readonly string[] {
  return typeof slots.image === 'string' ? [slots.image] : slots.image
}

/** Finds what needs no file. @throws DdaError `DDA_EDITOR_SLOT` where two values would go to the same place */
export function checkSlots(options: Pick<WorkflowOptions, 'slots' | 'params'>): void {
  const { prompt, seed, width, height } = options.slots
  const paths = [...imageSlots(options), prompt, seed, width, height, ...Object.keys(options.params)]
  const used = paths.filter((path) => path !== undefined)
  const twice = used.find((path, i) => used.indexOf(path) !== i)
  if (twice === undefined) return
  throw errors.make('DDA_EDITOR_SLOT/twice', { path: twice })
}

/** A workflow with its params set and its slots open. */
export class Workflow {
  readonly #graph: Graph
  readonly #options: WorkflowOptions

  /**
   * @param text JSON in API format
   * @throws DdaError `DDA_EDITOR_WORKFLOW` where it is none, `DDA_EDITOR_SLOT` where a slot is not in it
   */
  constructor(text: string, options: WorkflowOptions) {
    const { workflow: file, params, slots, output } = options
    const graph = parse(text, file)
    checkSlots(options)
    const { prompt, seed, width, height } = slots
    const open = [...imageSlots(options), prompt, seed, width, height].filter((path) => path !== undefined)
    for (const path of [...open, ...Object.keys(params)]) checkPlace(graph, path, file)
    if (output !== undefined && graph[output] === undefined) {
      throw errors.make('DDA_EDITOR_SLOT/output', { file, node: output, nodes: nodesOf(graph) })
    }
    checkOutputs(graph, output, file)
    this.#graph = filled(graph, params)
    this.#options = options
  }

  /** SHA-256 of everything that is the same in every edit, in hex; titles and the order of keys do not count. */
  get hash(): string {
    const fixed = filled(this.#graph, this.#values({ images: [], prompt: '', seed: 0, width: 0, height: 0 }))
    const nodes = Object.entries(sortedByName(fixed)).map(([id, { class_type, inputs }]) => {
      return [id, class_type, sortedByName(inputs)]
    })
    return createHash('sha256').update(JSON.stringify(nodes)).digest('hex')
  }

  /**
   * The graph of one edit.
   * @param fresh where given, the picture is saved under a name of its own: a server answers an equal graph from its execution cache, with the name
   * of a file that may be gone
   */
  with(values: SlotValues, fresh?: string): Graph {
    const graph = filled(this.#graph, this.#values(values))
    if (fresh === undefined) return graph
    return Object.fromEntries(
      Object.entries(graph).map(([id, node]) => {
        const { filename_prefix: prefix } = node.inputs
        if (typeof prefix !== 'string') return [id, node]
        return [id, { ...node, inputs: { ...node.inputs, filename_prefix: `${prefix}-${fresh}` } }]
      }),
    )
  }

  /** Ids of nodes that an edit fills: what a server has against these, it has against the request. */
  get slotNodes(): ReadonlySet<string> {
    const { prompt, seed, width, height } = this.#options.slots
    const paths = [...imageSlots(this.#options), prompt, seed, width, height].filter((path) => path !== undefined)
    return new Set(paths.map((path) => placeOf(path).node))
  }

  #values({ images, prompt, seed, width, height }: SlotValues): Readonly<Record<string, Scalar>> {
    const { slots } = this.#options
    return {
      ...Object.fromEntries(imageSlots(this.#options).map((path, i) => [path, images[i] ?? ''])),
      [slots.prompt]: prompt,
      ...(slots.seed === undefined ? {} : { [slots.seed]: seed }),
      ...(slots.width === undefined ? {} : { [slots.width]: width }),
      ...(slots.height === undefined ? {} : { [slots.height]: height }),
    }
  }
}

function parse(text: string, file: string): Graph {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw errors.make('DDA_EDITOR_WORKFLOW/not-json', { file, why: (error as Error).message })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw errors.make('DDA_EDITOR_WORKFLOW/empty', { file })
  if (Array.isArray((value as { nodes?: unknown }).nodes)) {
    throw errors.make('DDA_EDITOR_WORKFLOW/canvas', { file })
  }
  const entries = Object.entries(value)
  const broken = entries.find(([, node]) => !isNode(node))
  if (entries.length === 0 || broken !== undefined) {
    const problem = broken === undefined ? 'it is empty' : `${broken[0]} is no node`
    throw errors.make('DDA_EDITOR_WORKFLOW/not-api', { file, problem })
  }
  return value as Graph
}

function isNode(value: unknown): value is WorkflowNode {
  const { class_type: type, inputs } = (value ?? {}) as Partial<WorkflowNode>
  return typeof type === 'string' && typeof inputs === 'object' && inputs !== null && !Array.isArray(inputs)
}

function placeOf(path: string): Place {
  const at = path.indexOf('.inputs.')
  return { node: path.slice(0, at), input: path.slice(at + '.inputs.'.length) }
}

function checkPlace(graph: Graph, path: string, file: string): void {
  const { node: id, input } = placeOf(path)
  const node = Object.hasOwn(graph, id) ? graph[id] : undefined
  if (node === undefined) throw errors.make('DDA_EDITOR_SLOT/node', { path, file, node: id, nodes: nodesOf(graph) })
  const value = Object.hasOwn(node.inputs, input) ? node.inputs[input] : undefined
  if (value === undefined) {
    const inputs = Object.keys(node.inputs).join(', ')
    throw errors.make('DDA_EDITOR_SLOT/input', { path, node: id, type: node.class_type, input, inputs })
  }
  if (typeof value === 'object') {
    const from = Array.isArray(value) ? `from node ${String(value[0])}` : 'as an object'
    throw errors.make('DDA_EDITOR_SLOT/linked', { path, from })
  }
}

/** Classes that keep or send pictures, by the words that their names are made of. */
const GIVES_PICTURES = /save|preview|output|send|upload|export|write/i
/** The class that every workflow of people ends in, and those of animations. */
const SAVES = /^Save(Image|AnimatedWEBP|AnimatedPNG)/

/** What would fail every edit is said before the first: nothing gives a picture, or it is not clear which one is meant. */
function checkOutputs(graph: Graph, output: string | undefined, file: string): void {
  if (output !== undefined) return
  const classes = Object.entries(graph).map(([id, node]) => ({ id, type: node.class_type }))
  if (!classes.some(({ type }) => GIVES_PICTURES.test(type))) {
    throw errors.make('DDA_EDITOR_WORKFLOW/no-output', { file, nodes: nodesOf(graph) })
  }
  const savers = classes.filter(({ type }) => SAVES.test(type)).map(({ id }) => id)
  if (savers.length > 1) throw errors.make('DDA_EDITOR_SLOT/savers', { file, savers: savers.join(', ') })
}

/** Node ids with class and title, for messages. */
function nodesOf(graph: Graph): string {
  const names = Object.entries(graph).map(([id, node]) => {
    const { title } = ((node as unknown as Record<string, unknown>)['_meta'] ?? {}) as { title?: unknown }
    return `${id} (${node.class_type}${typeof title === 'string' && title !== node.class_type ? `, "${title}"` : ''})`
  })
  return names.length > 60 ? `${names.slice(0, 60).join(', ')}, ...` : names.join(', ')
}

function filled(graph: Graph, values: Readonly<Record<string, Scalar>>): Graph {
  const changed = new Map<string, Record<string, unknown>>()
  for (const [path, value] of Object.entries(values)) {
    const { node, input } = placeOf(path)
    changed.set(node, { ...(changed.get(node) ?? graph[node]?.inputs), [input]: value })
  }
  return Object.fromEntries(
    Object.entries(graph).map(([id, { class_type, inputs }]) => [
      id,
      { class_type, inputs: changed.get(id) ?? inputs },
    ]),
  )
}
