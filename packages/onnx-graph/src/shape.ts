import type { DdaError } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'

/** Sizes of a tensor's axes. {@link DYNAMIC} marks a size that only the run knows (a cache that grows inside a Loop). */
export type Shape = readonly number[]

/** A size that is known at run time only. Tensors that need gradients never have one. */
export const DYNAMIC = -1

/** `[64,?,128]` */
export function showShape(shape: Shape): string {
  return `[${shape.map((size) => (size === DYNAMIC ? '?' : String(size))).join(',')}]`
}

export function shapeError(op: string, shapes: readonly Shape[], reason: string): DdaError {
  return errors.make('DDA_GRAPH_SHAPE', { op, shapes: shapes.map(showShape).join(' x '), reason })
}

/** Number of elements. @throws DdaError `DDA_GRAPH_SHAPE` when a size is not known before the run. */
export function sizeOf(shape: Shape, op = 'size'): number {
  let size = 1
  for (const dim of shape) {
    if (dim === DYNAMIC) throw shapeError(op, [shape], 'needs sizes that are known when the graph is built')
    size *= dim
  }
  return size
}

export function isStatic(shape: Shape): boolean {
  return shape.every((size) => size !== DYNAMIC)
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

/** Counts negative axes from the end. @throws DdaError `DDA_GRAPH_SHAPE` when out of range. */
export function normalizeAxis(op: string, shape: Shape, axis: number, extra = 0): number {
  const rank = shape.length + extra
  const positive = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    throw shapeError(op, [shape], `axis ${axis} is out of range`)
  }
  return positive
}

/** The size of an axis that is known to exist. */
export function sizeAt(shape: Shape, axis: number): number {
  const size = shape.at(axis)
  if (size === undefined) throw shapeError('sizeAt', [shape], `has no axis ${axis}`)
  return size
}

/** Shape of an elementwise result (NumPy broadcasting, ONNX "multidirectional"). */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    if (left === right || right === 1) return left
    if (left === 1 || left === DYNAMIC) return right
    if (right === DYNAMIC) return left
    throw shapeError(op, [a, b], 'shapes do not broadcast')
  })
}
