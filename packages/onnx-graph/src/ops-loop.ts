import { Graph, graphError, type Tensor, type ValueSpec } from './graph.ts'
import { DYNAMIC, shapeError, type Shape } from './shape.ts'

/** What one iteration sees. */
export interface LoopStep<S extends string> {
  /** Number of this iteration, from 0: int64, shape []. */
  readonly iteration: Tensor
  readonly state: Readonly<Record<S, Tensor>>
}

/** What one iteration leaves. */
export interface LoopNext<S extends string, C extends string> {
  readonly state: Readonly<Record<S, Tensor>>
  /** Values to collect over the iterations. */
  readonly scans: Readonly<Record<C, Tensor>>
  /** Whether to go on with another iteration: bool, shape []. Default: until `trips`. */
  readonly proceed?: Tensor
}

export interface LoopOptions<S extends string, C extends string> {
  /** Largest number of iterations; a tensor is int64, shape []. */
  readonly trips: number | Tensor
  /** State before the first iteration. A size of 0 is allowed here (an empty cache that grows by Concat). */
  readonly state: Readonly<Record<S, Tensor>>
  /** Shapes of states that change from one iteration to the next, with DYNAMIC sizes. */
  readonly shapes?: Readonly<Partial<Record<S, Shape>>>
  /** Builds one iteration. It may use any outer tensor; what depends on outer tensors alone is computed once, outside. */
  readonly body: (step: LoopStep<S>) => LoopNext<S, C>
}

export interface LoopResult<S extends string, C extends string> {
  readonly state: Readonly<Record<S, Tensor>>
  /** Each with the iterations as a new first axis (DYNAMIC if the loop can end early or `trips` is a tensor). */
  readonly scans: Readonly<Record<C, Tensor>>
}

/**
 * The ONNX Loop operator: runs `body` up to `trips` times inside one call of the runtime. No gradient flows through it.
 * @throws DdaError `DDA_GRAPH_SHAPE` when a state comes back with another shape than it went in.
 */
export function loop<S extends string, C extends string>(graph: Graph, options: LoopOptions<S, C>): LoopResult<S, C> {
  const names = Object.keys(options.state) as S[]
  const body = new Graph({}, graph)
  const iteration = body.input('iteration', [], 'int64')
  const condition = body.input('condition', [], 'bool')
  const inner = names.map((name) => {
    const initial = options.state[name]
    const shape = options.shapes?.[name] ?? initial.shape
    requireCompatible(`Loop state ${name}`, initial.shape, shape)
    return body.input(name, shape, initial.dtype)
  })
  const next = options.body({ iteration, state: record(names, inner) })
  const scanNames = Object.keys(next.scans) as C[]

  const specs = names.map((name, i): ValueSpec => {
    const [declared, value] = [inner[i], next.state[name]]
    if (declared === undefined || value.dtype !== declared.dtype)
      throw graphError(`Loop state ${name} changes its type`)
    requireCompatible(`Loop state ${name}`, value.shape, declared.shape)
    return { shape: declared.shape, dtype: declared.dtype }
  })
  const proceed = next.proceed ?? condition
  if (proceed.dtype !== 'bool' || proceed.rank !== 0) throw graphError('Loop: proceed must be a bool of shape []')
  const fixed = typeof options.trips === 'number' && next.proceed === undefined ? options.trips : DYNAMIC
  specs.push(...scanNames.map((name) => ({ shape: [fixed, ...next.scans[name].shape], dtype: next.scans[name].dtype })))

  // A body output must be computed in the body, and once only.
  const given = [proceed, ...names.map((name) => next.state[name]), ...scanNames.map((name) => next.scans[name])]
  const used = new Set(body.inputs.map((input) => input.name))
  for (const [i, value] of given.entries()) {
    if (value.requiresGrad && value.graph.recording) {
      throw graphError(
        `Loop: ${String(value)} needs a gradient, which does not flow through a Loop; detach() its operands`,
      )
    }
    const direct = value.graph === body && !used.has(value.name)
    const [out] = direct ? [value] : body.append('Identity', [value], [value])
    if (out === undefined) throw graphError('Loop: no value')
    used.add(out.name)
    body.outputs.set(String(i), out)
  }
  body.closed = true

  const trips = typeof options.trips === 'number' ? graph.scalar(options.trips, 'int64') : options.trips
  const inputs = [trips, undefined, ...names.map((name) => options.state[name])]
  const outputs = graph.append('Loop', inputs, specs, { bodies: { body } })
  return { state: record(names, outputs), scans: record(scanNames, outputs.slice(names.length)) }
}

function record<K extends string>(names: readonly K[], tensors: readonly Tensor[]): Record<K, Tensor> {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]])) as Record<K, Tensor>
}

/** A DYNAMIC size takes any; a known one only itself. */
function requireCompatible(what: string, actual: Shape, declared: Shape): void {
  const fits =
    actual.length === declared.length &&
    declared.every((size, axis) => size === DYNAMIC || size === actual[axis] || actual[axis] === DYNAMIC)
  if (!fits) throw shapeError(what, [actual, declared], 'changes its shape; declare it in `shapes`')
}
