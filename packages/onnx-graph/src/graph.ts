import type { DdaError } from '@dda-thinker/plugin-api'
import { bytesOf, carries, typedArray, type DType, type TensorData } from './dtype.ts'
import { assemble, type Constant, type DraftNode } from './assemble.ts'
import { errors } from './errors.ts'
import type { AttributeValue } from './proto.ts'
import { shapeError, showShape, sizeOf, type Shape } from './shape.ts'

/**
 * How composites are written down. `fast` may use operators that only ONNX Runtime has (`com.microsoft`);
 * `portable` keeps to standard ONNX, for export to other runtimes. Both compute the same function.
 */
export type Lowering = 'fast' | 'portable'

/** One step of the tape: how gradients of the outputs become gradients of the inputs. */
export interface TapeRecord {
  /** Position on the tape; later steps have larger numbers. */
  readonly order: number
  readonly op: string
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  readonly vjp: Vjp
}

/** Vector-Jacobian product. An output that the loss does not depend on has no gradient (`undefined`). */
export type Vjp = (
  outputGradients: readonly (Tensor | undefined)[],
) => readonly (Tensor | (() => Tensor | undefined) | undefined)[]

/** A symbolic tensor: a value that the graph will compute, with its shape and element type known now. */
export class Tensor {
  readonly graph: Graph
  readonly name: string
  readonly shape: Shape
  readonly dtype: DType
  /** Whether gradients flow to it (a parameter, or computed from one). */
  requiresGrad = false
  record: TapeRecord | undefined

  constructor(graph: Graph, name: string, shape: Shape, dtype: DType) {
    this.graph = graph
    this.name = name
    this.shape = shape
    this.dtype = dtype
  }

  get rank(): number {
    return this.shape.length
  }

  toString(): string {
    return `${this.name}: ${this.dtype}${showShape(this.shape)}`
  }
}

/** Shape and type of a graph input or output, by name. */
export interface ValueSpec {
  readonly shape: Shape
  readonly dtype: DType
}

function spec(tensor: Tensor): ValueSpec {
  return { shape: tensor.shape, dtype: tensor.dtype }
}

/** What a finished graph takes and gives. */
export interface GraphSignature {
  readonly inputs: Readonly<Record<string, ValueSpec>>
  readonly outputs: Readonly<Record<string, ValueSpec>>
}

export interface EmitOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  readonly domain?: string
  /** Loop bodies among the attributes, by attribute name. */
  readonly bodies?: Readonly<Record<string, Graph>>
}

/** What the main graph and all Loop bodies inside it share. */
class Workspace {
  readonly lowering: Lowering
  readonly constants = new Map<string, Constant>()
  /** Constants by content, so that equal ones are stored once. */
  readonly interned = new Map<string, Tensor>()
  /** Large constants by the array that holds them. */
  readonly byArray = new WeakMap<TensorData, Tensor>()
  readonly cache = new Map<string, Tensor>()
  /** Output name by the name of the value that becomes it. */
  readonly renamed = new Map<string, string>()
  readonly userNames = new Set<string>()
  recording = true
  counter = 0

  constructor(lowering: Lowering) {
    this.lowering = lowering
  }
}

/**
 * A graph under construction. Operations (`add`, `matmul`, ...) are functions over {@link Tensor}s; a node goes to the
 * innermost graph among its operands, so what a Loop body computes from outer values alone runs once, outside it.
 * Loop bodies are graphs with a parent; they read outer values by name.
 */
export class Graph {
  readonly parent: Graph | undefined
  readonly depth: number
  readonly nodes: DraftNode[] = []
  readonly inputs: Tensor[] = []
  readonly outputs = new Map<string, Tensor>()
  /** A closed Loop body takes no more nodes. */
  closed = false
  private readonly workspace: Workspace

  constructor(options: { readonly lowering?: Lowering } = {}, parent?: Graph) {
    this.parent = parent
    this.depth = parent === undefined ? 0 : parent.depth + 1
    this.workspace = parent === undefined ? new Workspace(options.lowering ?? 'fast') : parent.workspace
  }

  get root(): Graph {
    return this.parent === undefined ? this : this.parent.root
  }

  get lowering(): Lowering {
    return this.workspace.lowering
  }

  get recording(): boolean {
    return this.workspace.recording
  }

  /** A fresh name or tape position. */
  nextId(): number {
    return this.workspace.counter++
  }

  /** Declares a fed value. @throws DdaError `DDA_GRAPH_NAME` for a name in use, `DDA_GRAPH_SHAPE` for an empty shape. */
  input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
    if (shape.includes(0)) throw shapeError(`input ${name}`, [shape], 'a fed tensor must not be empty')
    if (this.parent === undefined) this.claim(name)
    const tensor = new Tensor(this, this.parent === undefined ? name : `${name}_${this.nextId()}`, [...shape], dtype)
    this.inputs.push(tensor)
    return tensor
  }

  /** Declares a fed float32 value that gradients are wanted for. */
  parameter(name: string, shape: Shape): Tensor {
    const tensor = this.input(name, shape)
    tensor.requiresGrad = true
    return tensor
  }

  /** A scalar constant; equal ones are shared. */
  scalar(value: number, dtype: DType = 'float32'): Tensor {
    return this.constant([value], [], dtype)
  }

  /**
   * A constant that travels inside the model. Small ones are shared by content, large ones by the array itself, which
   * must therefore not change afterwards.
   */
  constant(values: ArrayLike<number> | TensorData, shape: Shape, dtype: DType = 'float32'): Tensor {
    const data = carries(dtype, values) ? values : typedArray(dtype, values)
    if (data.length !== sizeOf(shape)) throw shapeError('constant', [shape], `got ${data.length} elements`)
    const { interned, byArray, constants } = this.workspace
    const raw = bytesOf(data)
    const small = raw.length <= 1024
    const key = small ? `${dtype}${showShape(shape)}${Buffer.from(raw).toString('latin1')}` : ''
    const known = small ? interned.get(key) : byArray.get(data)
    if (known !== undefined && known.dtype === dtype && showShape(known.shape) === showShape(shape)) return known
    const tensor = new Tensor(this.root, `c${this.nextId()}`, [...shape], dtype)
    constants.set(tensor.name, { dtype, dims: tensor.shape, raw: small ? raw.slice() : raw })
    if (small) interned.set(key, tensor)
    else byArray.set(data, tensor)
    return tensor
  }

  /** Builds a value once per graph family under a key of the caller's choice (a causal mask, a position table). */
  once(key: string, build: () => Tensor): Tensor {
    const { cache } = this.workspace
    const known = cache.get(key)
    if (known !== undefined && !known.graph.closed) return known
    const tensor = build()
    cache.set(key, tensor)
    return tensor
  }

  /**
   * Makes a value an output. The producing value itself takes the name; no copy is emitted, except where the value is
   * an input, a constant or already another output.
   * @throws DdaError `DDA_GRAPH_NAME` for a name in use.
   */
  output(name: string, tensor: Tensor): Tensor {
    if (this.parent !== undefined)
      throw graphError('output() belongs to the main graph; a Loop body returns its values')
    this.claim(name)
    const { renamed, constants } = this.workspace
    const fed = this.inputs.some((input) => input.name === tensor.name)
    const direct = fed || renamed.has(tensor.name) || constants.has(tensor.name)
    const value = direct ? this.append('Identity', [tensor], [tensor])[0] : tensor
    if (value === undefined || value.graph !== this) throw graphError(`output ${name}: the value is inside a Loop body`)
    renamed.set(value.name, name)
    this.outputs.set(name, value)
    return tensor
  }

  /** Runs `build` without recording a tape (vector-Jacobian products; reading weights without training them). */
  withoutTape<T>(build: () => T): T {
    const before = this.workspace.recording
    this.workspace.recording = false
    try {
      return build()
    } finally {
      this.workspace.recording = before
    }
  }

  signature(): GraphSignature {
    return {
      inputs: Object.fromEntries(this.inputs.map((input) => [input.name, spec(input)])),
      outputs: Object.fromEntries([...this.outputs].map(([name, tensor]) => [name, spec(tensor)])),
    }
  }

  /**
   * The model as the bytes of an `.onnx` file (opset 20, IR 9). Nodes that no output needs are left out.
   * @param metadata free text that travels with the model.
   */
  build(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    if (this.parent !== undefined) throw graphError('only the main graph can be built')
    if (this.outputs.size === 0) throw graphError('the graph has no outputs')
    return assemble(this, this.workspace.constants, this.workspace.renamed, metadata)
  }

  /**
   * Appends one node without a gradient and returns its outputs. For the operations of this folder; use those.
   * @throws DdaError `DDA_GRAPH_UNSAFE_OP` for kernels known to give wrong results or to end the process.
   */
  append(
    op: string,
    inputs: readonly (Tensor | undefined)[],
    outputs: readonly ValueSpec[],
    options: EmitOptions = {},
  ): Tensor[] {
    const attributes = options.attributes ?? {}
    if (op === 'ScatterND' || 'transBatchA' in attributes || 'transBatchB' in attributes) {
      // ScatterND with repeated indices races between threads (onnxruntime #18048, #23396); a transposed batch axis of
      // length 0 ends the process with SIGFPE.
      throw errors.make('DDA_GRAPH_UNSAFE_OP', { op })
    }
    if (this.closed) throw graphError(`${op}: a value of a finished Loop body is used outside it`)
    const tensors = outputs.map((spec) => new Tensor(this, `t${this.nextId()}`, spec.shape, spec.dtype))
    this.nodes.push({
      op,
      domain: options.domain ?? '',
      inputs: inputs.map((tensor) => tensor?.name ?? ''),
      outputs: tensors.map((tensor) => tensor.name),
      attributes,
      bodies: options.bodies ?? {},
    })
    return tensors
  }

  private claim(name: string): void {
    const { userNames } = this.workspace
    if (name === '' || /^[tc]\d+$/.test(name) || userNames.has(name)) {
      throw errors.make('DDA_GRAPH_NAME', { name })
    }
    userNames.add(name)
  }
}

export function graphError(message: string): DdaError {
  return errors.make('DDA_GRAPH', { problem: message })
}
