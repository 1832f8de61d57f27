import { emit1, record1, refuseGradient } from './emit.ts'
import type { Tensor } from './graph.ts'
import { exp, mul, sub } from './ops-elementwise.ts'
import { rawExpand, rawReduce, rawReshape, reducedShape, type ReduceOp } from './raw.ts'
import { normalizeAxis, sizeOf } from './shape.ts'

export interface ReduceOptions {
  /** Keep reduced axes with size 1. Default false. */
  readonly keep?: boolean
}

/** Sum over axes; over all of them when none is given. */
export function reduceSum(x: Tensor, axes: readonly number[] = [], options: ReduceOptions = {}): Tensor {
  return differentiable('ReduceSum', x, axes, options)
}

/** Mean over axes; over all of them when none is given. */
export function reduceMean(x: Tensor, axes: readonly number[] = [], options: ReduceOptions = {}): Tensor {
  return differentiable('ReduceMean', x, axes, options)
}

/** Largest element over axes. No gradient. */
export function reduceMax(x: Tensor, axes: readonly number[] = [], options: ReduceOptions = {}): Tensor {
  refuseGradient('ReduceMax', [x])
  return rawReduce('ReduceMax', x, axes, options.keep ?? false)
}

/** Smallest element over axes. No gradient. */
export function reduceMin(x: Tensor, axes: readonly number[] = [], options: ReduceOptions = {}): Tensor {
  refuseGradient('ReduceMin', [x])
  return rawReduce('ReduceMin', x, axes, options.keep ?? false)
}

function differentiable(op: ReduceOp, x: Tensor, axes: readonly number[], options: ReduceOptions): Tensor {
  const y = rawReduce(op, x, axes, options.keep ?? false)
  if (y === x) return x
  return record1(op, [x], y, (g) => {
    const all = axes.length === 0 ? x.shape.map((_, axis) => axis) : axes
    // Scaling before the expansion touches the small tensor only.
    const scaled = op === 'ReduceMean' ? mul(g, sizeOf(y.shape, op) / sizeOf(x.shape, op)) : g
    return [() => rawExpand(rawReshape(scaled, reducedShape(op, x.shape, all, true)), x.shape)]
  })
}

/** Softmax over an axis (default the last). */
export function softmax(x: Tensor, axis = -1): Tensor {
  const at = normalizeAxis('Softmax', x.shape, axis)
  const y = emit1('Softmax', [x], x.shape, x.dtype, { attributes: { axis: { int: at } } })
  return record1('Softmax', [x], y, (g) => {
    const gy = mul(g, y)
    return [() => sub(gy, mul(y, rawReduce('ReduceSum', gy, [at], true)))]
  })
}

/** Logarithm of the softmax over an axis (default the last). */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  const at = normalizeAxis('LogSoftmax', x.shape, axis)
  const y = emit1('LogSoftmax', [x], x.shape, x.dtype, { attributes: { axis: { int: at } } })
  return record1('LogSoftmax', [x], y, (g) => [() => sub(g, mul(exp(y), rawReduce('ReduceSum', g, [at], true)))])
}

/** Running sum along an axis. No gradient. */
export function cumSum(x: Tensor, axis: number, options: { readonly exclusive?: boolean } = {}): Tensor {
  refuseGradient('CumSum', [x])
  const at = x.graph.scalar(normalizeAxis('CumSum', x.shape, axis), 'int64')
  const attributes = { exclusive: { int: options.exclusive === true ? 1 : 0 } }
  return emit1('CumSum', [x, at], x.shape, x.dtype, { attributes })
}

/** Position of the largest element along an axis as int64, the first one where several are equal. No gradient. */
export function argMax(x: Tensor, axis = -1, options: ReduceOptions = {}): Tensor {
  const at = normalizeAxis('ArgMax', x.shape, axis)
  const keep = options.keep ?? false
  return emit1('ArgMax', [x], reducedShape('ArgMax', x.shape, [at], keep), 'int64', {
    attributes: { axis: { int: at }, keepdims: { int: keep ? 1 : 0 } },
  })
}
