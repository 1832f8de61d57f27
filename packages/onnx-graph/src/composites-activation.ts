import { emit1, record1 } from './emit.ts'
import type { Tensor } from './graph.ts'
import { add, cast, greater, mul, sigmoid, sub } from './ops-elementwise.ts'

/** Rectifier; the gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  const y = emit1('Relu', [x], x.shape, x.dtype)
  // A cast comparison: ORT's Sign runs on one thread and its Where is slower than the product.
  return record1('relu', [x], y, (g) => [() => mul(g, cast(greater(y, 0), 'float32'))])
}

/** `x * sigmoid(x)` (Hendrycks and Gimpel 2016; swish). The gradient `s + y - y * s` reuses both. */
export function silu(x: Tensor): Tensor {
  const { s, y } = x.graph.withoutTape(() => {
    const gate = sigmoid(x)
    return { s: gate, y: mul(x, gate) }
  })
  return record1('silu', [x], y, (g) => [() => mul(g, sub(add(s, y), mul(y, s)))])
}

/**
 * GELU in its tanh form (Hendrycks and Gimpel 2016), `0.5 x (1 + tanh u)` with `u = c (x + a x^3)`, written as
 * `x * sigmoid(2u)`, which is the same function with one product less.
 */
export function gelu(x: Tensor): Tensor {
  const c = Math.sqrt(2 / Math.PI)
  const a = 0.044715
  const { h, w, y } = x.graph.withoutTape(() => {
    const weight = add(mul(mul(x, x), 2 * c * a), 2 * c)
    const gate = sigmoid(mul(x, weight))
    return { w: weight, h: gate, y: mul(x, gate) }
  })
  return record1('gelu', [x], y, (g) => [
    // d(2u)/dx = 2c + 6ca x^2 = 3w - 4c
    () => mul(g, add(h, mul(mul(y, sub(1, h)), sub(mul(w, 3), 4 * c)))),
  ])
}
