import { emit, emit1, record, record1, refuseGradient } from './emit.ts'
import { graphError, type Tensor } from './graph.ts'
import { indexList, rawExpand, rawReshape, rawTranspose, unbroadcast } from './raw.ts'
import {
  broadcastShapes,
  DYNAMIC,
  isStatic,
  normalizeAxis,
  sameShape,
  shapeError,
  sizeAt,
  type Shape,
} from './shape.ts'

/** The conventional "to the end" of a Slice. */
const END_OF_AXIS = 2 ** 31 - 1

/** Same elements, another shape; one size may be -1. Emits nothing when the shape is already that. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const y = rawReshape(x, shape)
  return y === x ? x : record1('Reshape', [x], y, (g) => [() => rawReshape(g, x.shape)])
}

/** Reorders the axes: axis `i` of the result is axis `order[i]` of `x`. */
export function transpose(x: Tensor, order: readonly number[]): Tensor {
  return record1('Transpose', [x], rawTranspose(x, order), (g) => {
    const inverse = order.map((_, axis) => order.indexOf(axis))
    return [() => rawTranspose(g, inverse)]
  })
}

/** Repeats along broadcast axes up to `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (!sameShape(broadcastShapes('Expand', x.shape, shape), shape)) {
    throw shapeError('Expand', [x.shape, shape], 'does not broadcast to that shape')
  }
  const y = rawExpand(x, shape)
  return y === x ? x : record1('Expand', [x], y, (g) => [() => unbroadcast(g, x.shape)])
}

/** Joins along an axis; a size known at run time only is allowed there. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors
  if (first === undefined) throw graphError('Concat: nothing to join')
  if (tensors.length === 1) return first
  const at = normalizeAxis('Concat', first.shape, axis)
  const shapes = tensors.map((tensor) => tensor.shape)
  const fits = (shape: Shape): boolean =>
    shape.length === first.rank && shape.every((size, i) => i === at || size === first.shape[i] || size === DYNAMIC)
  if (!shapes.every(fits)) throw shapeError('Concat', shapes, `sizes differ outside axis ${at}`)
  const sizes = shapes.map((shape) => sizeAt(shape, at))
  const total = sizes.includes(DYNAMIC) ? DYNAMIC : sizes.reduce((a, b) => a + b, 0)
  const y = emit1('Concat', tensors, first.shape.with(at, total), first.dtype, { attributes: { axis: { int: at } } })
  return record1('Concat', tensors, y, (g) => split(g, sizes, at))
}

/** Cuts along an axis into pieces of the given sizes. */
export function split(x: Tensor, sizes: readonly number[], axis: number): Tensor[] {
  const at = normalizeAxis('Split', x.shape, axis)
  if (sizes.reduce((a, b) => a + b, 0) !== sizeAt(x.shape, at) || sizes.some((size) => size < 1)) {
    throw shapeError('Split', [x.shape], `[${sizes.join(',')}] does not add up on axis ${at}`)
  }
  if (sizes.length === 1) return [x]
  const specs = sizes.map((size) => ({ shape: x.shape.with(at, size), dtype: x.dtype }))
  const parts = emit('Split', [x, indexList(x, sizes)], specs, { attributes: { axis: { int: at } } })
  return record('Split', [x], parts, (gs) => {
    const pieces = gs.map((g, i) => g ?? rawExpand(x.graph.scalar(0), specs[i]?.shape ?? []))
    return [() => concat(pieces, at)]
  })
}

/**
 * Elements `start` (inclusive) to `end` (exclusive) of an axis. Both count from the end when negative, and `end` may be
 * omitted for "to the last". On an axis of dynamic size the result is dynamic too, except for the last `-start` ones.
 */
export function slice(x: Tensor, axis: number, start: number, end?: number): Tensor {
  const at = normalizeAxis('Slice', x.shape, axis)
  const size = sizeAt(x.shape, at)
  const from = start < 0 && size !== DYNAMIC ? start + size : start
  const to = end === undefined ? size : end < 0 && size !== DYNAMIC ? end + size : end
  const length = size === DYNAMIC ? (start < 0 && end === undefined ? -start : DYNAMIC) : to - from
  if (size !== DYNAMIC && (from < 0 || to > size || from >= to)) {
    throw shapeError('Slice', [x.shape], `${start}..${end ?? 'end'} is empty or outside axis ${at}`)
  }
  if (length === size && size !== DYNAMIC) return x
  const stop = size === DYNAMIC && end === undefined ? END_OF_AXIS : to
  const list = (value: number): Tensor => indexList(x, [value])
  const y = emit1('Slice', [x, list(from), list(stop), list(at)], x.shape.with(at, length), x.dtype)
  return record1('Slice', [x], y, (g) => {
    if (!isStatic(x.shape)) throw shapeError('Slice gradient', [x.shape], 'needs sizes known when the graph is built')
    const before = x.shape.map((_, i) => (i === at ? from : 0))
    const after = x.shape.map((_, i) => (i === at ? size - to : 0))
    return [() => emit1('Pad', [g, indexList(g, [...before, ...after])], x.shape, x.dtype)]
  })
}

/**
 * Cuts an axis in two at a place that only the run knows. No gradient.
 * @param at int64 [1]
 * @returns what lies before the place and what lies from there on
 */
export function splitAt(x: Tensor, axis: number, at: Tensor): [Tensor, Tensor] {
  refuseGradient('splitAt', [x])
  if (at.dtype !== 'int64' || !sameShape(at.shape, [1])) throw graphError(`splitAt: ${String(at)} is not int64 [1]`)
  const along = normalizeAxis('splitAt', x.shape, axis)
  const shape = x.shape.with(along, DYNAMIC)
  const list = (value: number): Tensor => indexList(x, [value])
  const cut = (from: Tensor, to: Tensor): Tensor => emit1('Slice', [x, from, to, list(along)], shape, x.dtype)
  return [cut(list(0), at), cut(at, list(END_OF_AXIS))]
}

/** Adds an axis of size 1. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis('Unsqueeze', x.shape, axis, 1)
  const shape = [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]
  if (isStatic(x.shape)) return reshape(x, shape)
  return emit1('Unsqueeze', [x, indexList(x, [at])], shape, x.dtype)
}

/** All values of a flat vector as tensors of the given shapes, in order: a parameter vector taken apart. */
export function unflatten(flat: Tensor, shapes: Readonly<Record<string, Shape>>): Record<string, Tensor> {
  const names = Object.keys(shapes)
  const sizes = names.map((name) => (shapes[name] ?? []).reduce((a, b) => a * b, 1))
  const parts = split(flat, sizes, 0)
  return Object.fromEntries(
    names.map((name, i) => {
      const part = parts[i]
      if (part === undefined) throw graphError(`unflatten: no part for ${name}`)
      return [name, reshape(part, shapes[name] ?? [])]
    }),
  )
}
