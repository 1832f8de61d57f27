import { emit1 } from './emit.ts'
import type { Tensor } from './graph.ts'
import { DYNAMIC, normalizeAxis, sameShape, shapeError, sizeAt, sizeOf, type Shape } from './shape.ts'

/**
 * Shape operations without a tape, for vector-Jacobian products (which are never differentiated themselves) and as the
 * forward half of the public operations.
 */

/** An int64 list as a shared constant: axes, shapes, starts. */
export function indexList(tensor: Tensor, values: readonly number[]): Tensor {
  return tensor.graph.constant(values, [values.length], 'int64')
}

/** Reshape; one size may be -1, and then follows from the others unless the operand itself has a dynamic size. */
export function rawReshape(x: Tensor, shape: Shape): Tensor {
  const open = shape.filter((size) => size === -1).length
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1)
  let result = shape
  if (!x.shape.includes(DYNAMIC)) {
    const size = sizeOf(x.shape)
    if (open > 1 || (open === 0 && known !== size) || (open === 1 && (known === 0 || size % known !== 0))) {
      throw shapeError('Reshape', [x.shape, shape], 'sizes do not match')
    }
    result = shape.map((dim) => (dim === -1 ? size / known : dim))
    if (sameShape(result, x.shape)) return x
  } else if (open !== 1) {
    throw shapeError('Reshape', [x.shape, shape], 'a dynamic operand needs exactly one size of -1')
  }
  return emit1('Reshape', [x, indexList(x, result)], result, x.dtype)
}

export function rawTranspose(x: Tensor, order: readonly number[]): Tensor {
  const sorted = order.toSorted((a, b) => a - b)
  if (order.length !== x.rank || sorted.some((axis, i) => axis !== i)) {
    throw shapeError('Transpose', [x.shape], `[${order.join(',')}] is not an order of its axes`)
  }
  const shape = order.map((axis) => sizeAt(x.shape, axis))
  return emit1('Transpose', [x], shape, x.dtype, { attributes: { perm: { ints: order } } })
}

export function rawExpand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : emit1('Expand', [x, indexList(x, shape)], shape, x.dtype)
}

/** Swaps the last two axes. */
export function rawSwap(x: Tensor): Tensor {
  const order = Array.from({ length: x.rank }, (_, axis) => axis)
  order.push(...order.splice(-2).toReversed())
  return rawTranspose(x, order)
}

/** Shape after a reduction. */
export function reducedShape(op: string, shape: Shape, axes: readonly number[], keep: boolean): Shape {
  const reduced = new Set(axes.map((axis) => normalizeAxis(op, shape, axis)))
  return keep
    ? shape.map((size, axis) => (reduced.has(axis) ? 1 : size))
    : shape.filter((_, axis) => !reduced.has(axis))
}

export type ReduceOp = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin'

/** Reduction over axes (all when empty). */
export function rawReduce(op: ReduceOp, x: Tensor, axes: readonly number[], keep: boolean): Tensor {
  const all = axes.length === 0 ? x.shape.map((_, axis) => axis) : axes.map((axis) => normalizeAxis(op, x.shape, axis))
  if (all.length === 0) return x
  return emit1(op, [x, indexList(x, all)], reducedShape(op, x.shape, all, keep), x.dtype, {
    attributes: { keepdims: { int: keep ? 1 : 0 } },
  })
}

/**
 * The gradient of a value that was broadcast: sums over the axes along which it was repeated.
 * @param shape shape of the value before broadcasting.
 */
export function unbroadcast(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g
  const lead = g.rank - shape.length
  const axes = g.shape.flatMap((size, axis) => {
    if (axis < lead) return [axis]
    return size !== 1 && shape[axis - lead] === 1 ? [axis] : []
  })
  return rawReshape(axes.length === 0 ? g : rawReduce('ReduceSum', g, axes, false), shape)
}
