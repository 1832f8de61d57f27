import { emit1, record1, refuseGradient } from './emit.ts'
import { errors } from './errors.ts'
import { graphError, type Tensor } from './graph.ts'
import { unbroadcast } from './raw.ts'
import { broadcastShapes } from './shape.ts'

/** A tensor, or a number that becomes a scalar constant of the other operand's type. */
export type Operand = Tensor | number

/** Both operands as tensors of one type. @throws DdaError `DDA_GRAPH_DTYPE` */
export function operands(op: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === 'number' && typeof b === 'number') throw graphError(`${op}: one operand must be a tensor`)
  const left = typeof a === 'number' ? (b as Tensor).graph.scalar(a, (b as Tensor).dtype) : a
  const right = typeof b === 'number' ? left.graph.scalar(b, left.dtype) : b
  if (left.dtype !== right.dtype) {
    throw errors.make('DDA_GRAPH_DTYPE/mixed', { op, left: String(left), right: String(right) })
  }
  return [left, right]
}

function requireFloat(op: string, x: Tensor): void {
  if (x.dtype === 'float32') return
  throw errors.make('DDA_GRAPH_DTYPE/float', { op, operand: String(x) })
}

/** Emits an operation that keeps shape and type. */
function same(op: string, x: Tensor): Tensor {
  return emit1(op, [x], x.shape, x.dtype)
}

function binary(op: string, a: Operand, b: Operand): { a: Tensor; b: Tensor; y: Tensor } {
  const [left, right] = operands(op, a, b)
  const shape = broadcastShapes(op, left.shape, right.shape)
  return { a: left, b: right, y: emit1(op, [left, right], shape, left.dtype) }
}

/** `a + b`, broadcasting. */
export function add(a: Operand, b: Operand): Tensor {
  const n = binary('Add', a, b)
  return record1('Add', [n.a, n.b], n.y, (g) => [() => unbroadcast(g, n.a.shape), () => unbroadcast(g, n.b.shape)])
}

/** `a - b`, broadcasting. */
export function sub(a: Operand, b: Operand): Tensor {
  const n = binary('Sub', a, b)
  return record1('Sub', [n.a, n.b], n.y, (g) => [() => unbroadcast(g, n.a.shape), () => neg(unbroadcast(g, n.b.shape))])
}

/** `a * b`, broadcasting. */
export function mul(a: Operand, b: Operand): Tensor {
  const n = binary('Mul', a, b)
  return record1('Mul', [n.a, n.b], n.y, (g) => [
    () => unbroadcast(mul(g, n.b), n.a.shape),
    () => unbroadcast(mul(g, n.a), n.b.shape),
  ])
}

/** `a / b`, broadcasting. */
export function div(a: Operand, b: Operand): Tensor {
  const n = binary('Div', a, b)
  return record1('Div', [n.a, n.b], n.y, (g) => [
    () => unbroadcast(div(g, n.b), n.a.shape),
    () => unbroadcast(neg(div(mul(g, n.y), n.b)), n.b.shape),
  ])
}

export function neg(x: Tensor): Tensor {
  return record1('Neg', [x], same('Neg', x), (g) => [() => neg(g)])
}

export function exp(x: Tensor): Tensor {
  requireFloat('Exp', x)
  const y = same('Exp', x)
  return record1('Exp', [x], y, (g) => [() => mul(g, y)])
}

/** Natural logarithm. */
export function log(x: Tensor): Tensor {
  requireFloat('Log', x)
  return record1('Log', [x], same('Log', x), (g) => [() => div(g, x)])
}

export function sqrt(x: Tensor): Tensor {
  requireFloat('Sqrt', x)
  const y = same('Sqrt', x)
  return record1('Sqrt', [x], y, (g) => [() => div(mul(g, 0.5), y)])
}

/** `x * x` */
export function square(x: Tensor): Tensor {
  const y = emit1('Mul', [x, x], x.shape, x.dtype)
  return record1('Square', [x], y, (g) => [() => mul(mul(g, 2), x)])
}

/** Magnitude; the gradient at 0 is 0. */
export function abs(x: Tensor): Tensor {
  return record1('Abs', [x], same('Abs', x), (g) => [
    () => mul(g, sub(cast(greater(x, 0), 'float32'), cast(less(x, 0), 'float32'))),
  ])
}

export function tanh(x: Tensor): Tensor {
  requireFloat('Tanh', x)
  const y = same('Tanh', x)
  return record1('Tanh', [x], y, (g) => [() => mul(g, sub(1, mul(y, y)))])
}

/** Logistic function. */
export function sigmoid(x: Tensor): Tensor {
  requireFloat('Sigmoid', x)
  const y = same('Sigmoid', x)
  return record1('Sigmoid', [x], y, (g) => [() => mul(g, sub(y, mul(y, y)))])
}

/** Elementwise minimum, broadcasting; where equal, the gradient goes to `a`. */
export function min(a: Operand, b: Operand): Tensor {
  return extremum('Min', a, b, lessOrEqual)
}

/** Elementwise maximum, broadcasting; where equal, the gradient goes to `a`. */
export function max(a: Operand, b: Operand): Tensor {
  return extremum('Max', a, b, greaterOrEqual)
}

function extremum(op: 'Min' | 'Max', a: Operand, b: Operand, wins: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const n = binary(op, a, b)
  return record1(op, [n.a, n.b], n.y, (g) => {
    const chosen = cast(wins(n.a, n.b), 'float32')
    return [() => unbroadcast(mul(g, chosen), n.a.shape), () => unbroadcast(mul(g, sub(1, chosen)), n.b.shape)]
  })
}

/**
 * Clamps to `[low, high]`. The bounds are numbers or scalar tensors (a fed clip range) and take no gradient; at the
 * bounds themselves the gradient passes, as in PyTorch.
 */
export function clip(x: Tensor, low: Operand | undefined, high: Operand | undefined): Tensor {
  const bound = (value: Operand | undefined): Tensor | undefined => {
    if (value === undefined) return undefined
    const [tensor] = operands('Clip', value, x)
    if (tensor.rank !== 0) throw graphError(`Clip: the bound ${String(tensor)} is not a scalar`)
    refuseGradient('Clip bound', [tensor])
    return tensor
  }
  const lower = bound(low)
  const upper = bound(high)
  return record1('Clip', [x], emit1('Clip', [x, lower, upper], x.shape, x.dtype), (g) => {
    let result = g
    if (lower !== undefined) result = mul(result, cast(greaterOrEqual(x, lower), 'float32'))
    if (upper !== undefined) result = mul(result, cast(lessOrEqual(x, upper), 'float32'))
    return [result]
  })
}

/** `condition ? a : b`, broadcasting. A NaN in the branch not taken does not reach the gradient of the other. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  // Two numbers give float32.
  const [left, right] = operands(
    'Where',
    typeof a === 'number' && typeof b === 'number' ? condition.graph.scalar(a) : a,
    b,
  )
  if (condition.dtype !== 'bool') throw graphError(`Where: the condition ${String(condition)} is not bool`)
  const shape = broadcastShapes('Where', broadcastShapes('Where', left.shape, right.shape), condition.shape)
  const y = emit1('Where', [condition, left, right], shape, left.dtype)
  return record1('Where', [left, right], y, (g) => [
    () => unbroadcast(where(condition, g, 0), left.shape),
    () => unbroadcast(where(condition, 0, g), right.shape),
  ])
}

/** Changes the element type. No gradient. @throws DdaError `DDA_GRAPH_NO_GRADIENT` when one would be lost. */
export function cast(x: Tensor, to: Tensor['dtype']): Tensor {
  if (x.dtype === to) return x
  refuseGradient('Cast', [x])
  const code = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 }[to]
  return emit1('Cast', [x], x.shape, to, { attributes: { to: { int: code } } })
}

function comparison(op: string, a: Operand, b: Operand): Tensor {
  const [left, right] = operands(op, a, b)
  return emit1(op, [left, right], broadcastShapes(op, left.shape, right.shape), 'bool')
}

/** `a == b` as bool, broadcasting. */
export function equal(a: Operand, b: Operand): Tensor {
  return comparison('Equal', a, b)
}

/** `a < b` as bool, broadcasting. */
export function less(a: Operand, b: Operand): Tensor {
  return comparison('Less', a, b)
}

/** `a <= b` as bool, broadcasting. */
export function lessOrEqual(a: Operand, b: Operand): Tensor {
  return comparison('LessOrEqual', a, b)
}

/** `a > b` as bool, broadcasting. */
export function greater(a: Operand, b: Operand): Tensor {
  return comparison('Greater', a, b)
}

/** `a >= b` as bool, broadcasting. */
export function greaterOrEqual(a: Operand, b: Operand): Tensor {
  return comparison('GreaterOrEqual', a, b)
}

/** `a && b` of bools, broadcasting. */
export function and(a: Tensor, b: Tensor): Tensor {
  return comparison('And', a, b)
}

/** `a || b` of bools, broadcasting. */
export function or(a: Tensor, b: Tensor): Tensor {
  return comparison('Or', a, b)
}

export function not(x: Tensor): Tensor {
  return same('Not', x)
}
