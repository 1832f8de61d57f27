import { emit1, record1 } from './emit.ts'
import type { Tensor } from './graph.ts'
import { mul } from './ops-elementwise.ts'
import { rawReshape, rawSwap, unbroadcast } from './raw.ts'
import { broadcastShapes, DYNAMIC, shapeError, sizeAt, type Shape } from './shape.ts'

export interface MatmulOptions {
  /** Use `a` with its last two axes swapped. */
  readonly transA?: boolean
  /** Use `b` with its last two axes swapped. */
  readonly transB?: boolean
  /** Factor of the result; default 1. */
  readonly alpha?: number
}

function productShape(op: string, a: Shape, b: Shape, options: MatmulOptions): Shape {
  if (a.length < 2 || b.length < 2) throw shapeError(op, [a, b], 'needs at least two axes on both sides')
  const m = sizeAt(a, options.transA === true ? -1 : -2)
  const inner = sizeAt(a, options.transA === true ? -2 : -1)
  const innerB = sizeAt(b, options.transB === true ? -1 : -2)
  const n = sizeAt(b, options.transB === true ? -2 : -1)
  if (inner !== innerB && inner !== DYNAMIC && innerB !== DYNAMIC) {
    const how = `${options.transA === true ? ' transA' : ''}${options.transB === true ? ' transB' : ''}`
    throw shapeError(op + how, [a, b], `inner sizes ${inner} and ${innerB} differ`)
  }
  return [...broadcastShapes(op, a.slice(0, -2), b.slice(0, -2)), m, n]
}

/**
 * `alpha * a @ b` over the last two axes, broadcasting the others. Two matrices become one Gemm; with more axes, a
 * transposition or a factor is folded into `com.microsoft.FusedMatMul` (or written out, in the portable lowering).
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transA = false, transB = false, alpha = 1 } = options
  const y = rawMatmul(a, b, options)
  return record1('MatMul', [a, b], y, (g) => [
    () =>
      unbroadcast(
        transA ? rawMatmul(b, g, { transA: transB, transB: true, alpha }) : rawMatmul(g, b, { transB: !transB, alpha }),
        a.shape,
      ),
    () =>
      unbroadcast(
        transB ? rawMatmul(g, a, { transA: true, transB: transA, alpha }) : rawMatmul(a, g, { transA: !transA, alpha }),
        b.shape,
      ),
  ])
}

/** {@link matmul} without a tape. */
export function rawMatmul(a: Tensor, b: Tensor, options: MatmulOptions): Tensor {
  const { transA = false, transB = false, alpha = 1 } = options
  const shape = productShape('MatMul', a.shape, b.shape, options)
  const plain = !transA && !transB && alpha === 1
  if (plain) return emit1('MatMul', [a, b], shape, a.dtype)
  if (a.rank === 2 && b.rank === 2) return rawGemm(a, b, undefined, options)
  if (a.graph.lowering === 'fast') {
    const attributes = { transA: flag(transA), transB: flag(transB), alpha: { float: alpha } }
    return emit1('FusedMatMul', [a, b], shape, a.dtype, { domain: 'com.microsoft', attributes })
  }
  const product = emit1('MatMul', [transA ? rawSwap(a) : a, transB ? rawSwap(b) : b], shape, a.dtype)
  return alpha === 1 ? product : mul(product, alpha)
}

export interface GemmOptions extends MatmulOptions {
  /** Factor of the added term; default 1. */
  readonly beta?: number
}

/** `alpha * a @ b + beta * c` of matrices; `c` broadcasts to the result. */
export function gemm(a: Tensor, b: Tensor, c: Tensor | undefined, options: GemmOptions = {}): Tensor {
  const { transA = false, transB = false, alpha = 1, beta = 1 } = options
  const y = rawGemm(a, b, c, options)
  return record1('Gemm', c === undefined ? [a, b] : [a, b, c], y, (g) => [
    () =>
      transA
        ? rawGemm(b, g, undefined, { transA: transB, transB: true, alpha })
        : rawGemm(g, b, undefined, { transB: !transB, alpha }),
    () =>
      transB
        ? rawGemm(g, a, undefined, { transA: true, transB: transA, alpha })
        : rawGemm(a, g, undefined, { transA: !transA, alpha }),
    c === undefined ? undefined : () => unbroadcast(beta === 1 ? g : mul(g, beta), c.shape),
  ])
}

/** {@link gemm} without a tape. */
export function rawGemm(a: Tensor, b: Tensor, c: Tensor | undefined, options: GemmOptions): Tensor {
  if (a.rank !== 2 || b.rank !== 2) throw shapeError('Gemm', [a.shape, b.shape], 'needs matrices')
  const shape = productShape('Gemm', a.shape, b.shape, options)
  if (c !== undefined) broadcastShapes('Gemm term', shape, c.shape)
  const attributes = {
    transA: flag(options.transA === true),
    transB: flag(options.transB === true),
    alpha: { float: options.alpha ?? 1 },
    beta: { float: options.beta ?? 1 },
  }
  return emit1('Gemm', c === undefined ? [a, b] : [a, b, c], shape, a.dtype, { attributes })
}

/** A tensor as a matrix of rows of its last axis. */
export function rows(x: Tensor): Tensor {
  return x.rank === 2 ? x : rawReshape(x, [-1, sizeAt(x.shape, -1)])
}

function flag(on: boolean): { int: number } {
  return { int: on ? 1 : 0 }
}
