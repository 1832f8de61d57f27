import type { DType } from './dtype.ts'
import { errors } from './errors.ts'
import { graphError, Tensor, type EmitOptions, type Graph, type TapeRecord, type ValueSpec, type Vjp } from './graph.ts'
import type { Shape } from './shape.ts'

/**
 * Appends one node to the innermost graph among its operands and returns its outputs, without a gradient. For the
 * operations of this folder; use those.
 */
export function emit(
  op: string,
  inputs: readonly (Tensor | undefined)[],
  outputs: readonly ValueSpec[],
  options: EmitOptions = {},
): Tensor[] {
  return innermost(op, inputs).append(op, inputs, outputs, options)
}

/** {@link emit} for the common case of one output. */
export function emit1(
  op: string,
  inputs: readonly (Tensor | undefined)[],
  shape: Shape,
  dtype: DType,
  options: EmitOptions = {},
): Tensor {
  const [tensor] = emit(op, inputs, [{ shape, dtype }], options)
  if (tensor === undefined) throw graphError(`${op}: no output`)
  return tensor
}

function innermost(op: string, inputs: readonly (Tensor | undefined)[]): Graph {
  let graph: Graph | undefined
  for (const tensor of inputs) {
    if (tensor !== undefined && (graph === undefined || tensor.graph.depth > graph.depth)) graph = tensor.graph
  }
  if (graph === undefined) throw graphError(`${op}: no operands`)
  for (const tensor of inputs) {
    if (tensor !== undefined && !sees(graph, tensor.graph)) {
      throw graphError(`${op}: ${String(tensor)} belongs to another graph`)
    }
  }
  return graph
}

/** Whether values of `outer` can be read in `graph`: it is the same one or around it. */
function sees(graph: Graph, outer: Graph): boolean {
  return graph === outer || (graph.parent !== undefined && sees(graph.parent, outer))
}

/** Puts a step on the tape when recording is on and one of the inputs needs a gradient. Returns the outputs. */
export function record<T extends readonly Tensor[]>(op: string, inputs: readonly Tensor[], outputs: T, vjp: Vjp): T {
  const first = inputs[0]
  if (first === undefined || !first.graph.recording || !inputs.some((input) => input.requiresGrad)) return outputs
  const entry: TapeRecord = { order: first.graph.nextId(), op, inputs, outputs, vjp }
  for (const output of outputs) {
    output.requiresGrad = true
    output.record = entry
  }
  return outputs
}

/** {@link record} for one output. */
export function record1(
  op: string,
  inputs: readonly Tensor[],
  output: Tensor,
  vjp: (g: Tensor) => ReturnType<Vjp>,
): Tensor {
  record(op, inputs, [output], ([g]) => (g === undefined ? [] : vjp(g)))
  return output
}

/** Refuses to end the gradient silently. @throws DdaError `DDA_GRAPH_NO_GRADIENT` */
export function refuseGradient(op: string, inputs: readonly Tensor[]): void {
  const blocked = inputs.find((input) => input.requiresGrad && input.graph.recording)
  if (blocked === undefined) return
  throw errors.make('DDA_GRAPH_NO_GRADIENT/blocked', { op, tensor: String(blocked) })
}

/** The same value, through which no gradient flows. */
export function detach(tensor: Tensor): Tensor {
  return tensor.requiresGrad ? new Tensor(tensor.graph, tensor.name, tensor.shape, tensor.dtype) : tensor
}
