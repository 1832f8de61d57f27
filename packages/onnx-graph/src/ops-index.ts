import { emit1, record1 } from './emit.ts'
import { graphError, type Tensor } from './graph.ts'
import { rawExpand, rawReshape } from './raw.ts'
import { normalizeAxis, sizeAt, sizeOf, sameShape, shapeError, type Shape } from './shape.ts'

function requireIndices(op: string, indices: Tensor): void {
  if (indices.dtype !== 'int32' && indices.dtype !== 'int64') {
    throw graphError(`${op}: indices ${String(indices)} are not int32 or int64`)
  }
}

function zeros(like: Tensor, shape: Shape): Tensor {
  return rawExpand(like.graph.scalar(0), shape)
}

/**
 * Slices of `x` along an axis at `indices` (any shape): an embedding lookup when the axis is 0.
 * The gradient adds up repeated indices with ScatterElements, which is deterministic; ScatterND is not.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  requireIndices('Gather', indices)
  const at = normalizeAxis('Gather', x.shape, axis)
  const before = x.shape.slice(0, at)
  const after = x.shape.slice(at + 1)
  const shape = [...before, ...indices.shape, ...after]
  const y = emit1('Gather', [x, indices], shape, x.dtype, { attributes: { axis: { int: at } } })
  return record1('Gather', [x], y, (g) => {
    const count = sizeOf(indices.shape, 'Gather')
    const rows = [...before, count, ...after]
    const column = rows.map((_, i) => (i === at ? count : 1))
    const positions = rawExpand(rawReshape(indices, column), rows)
    return [() => scatterAdd(zeros(x, x.shape), positions, rawReshape(g, rows), at)]
  })
}

/**
 * Picks one element per index along an axis: `y[i,j] = x[i, indices[i,j]]` for axis 1. `indices` has the rank of `x` and
 * its sizes outside the axis.
 */
export function gatherElements(x: Tensor, indices: Tensor, axis = -1): Tensor {
  requireIndices('GatherElements', indices)
  const at = normalizeAxis('GatherElements', x.shape, axis)
  requireAligned('GatherElements', x, indices, at)
  const y = emit1('GatherElements', [x, indices], indices.shape, x.dtype, { attributes: { axis: { int: at } } })
  return record1('GatherElements', [x], y, (g) => [() => scatterAdd(zeros(x, x.shape), indices, g, at)])
}

/** `x` with `updates` added at `indices` along an axis (ScatterElements); repeated indices add up. No gradient. */
export function scatterAdd(x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  requireIndices('ScatterElements', indices)
  const at = normalizeAxis('ScatterElements', x.shape, axis)
  requireAligned('ScatterElements', x, indices, at)
  if (!sameShape(indices.shape, updates.shape)) {
    throw shapeError('ScatterElements', [x.shape, indices.shape, updates.shape], 'indices and updates differ in shape')
  }
  return emit1('ScatterElements', [x, indices, updates], x.shape, x.dtype, {
    attributes: { axis: { int: at }, reduction: { string: 'add' } },
  })
}

function requireAligned(op: string, x: Tensor, indices: Tensor, axis: number): void {
  const fits = indices.rank === x.rank && indices.shape.every((size, i) => i === axis || size === sizeAt(x.shape, i))
  if (!fits) throw shapeError(op, [x.shape, indices.shape], `shapes differ outside axis ${axis}`)
}
