import { emit1, record, record1 } from './emit.ts'
import { graphError, type Tensor } from './graph.ts'
import { add } from './ops-elementwise.ts'
import { rawGemm, rows } from './ops-linear.ts'
import { transpose, reshape } from './ops-shape.ts'
import { rawReduce, rawReshape, rawTranspose } from './raw.ts'
import { isStatic, shapeError, sizeAt, sizeOf } from './shape.ts'

/**
 * Affine map of the last axis: `x @ weight + bias`. One Gemm forward and two backward, without explicit transposes.
 * @param x [..., in]
 * @param weight [in, out]
 * @param bias [out], or none
 * @returns [..., out]
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  if (weight.rank !== 2) throw shapeError('linear', [x.shape, weight.shape], 'the weight must be a matrix')
  const y = product(rows(x), weight, bias)
  const shaped = rawReshape(y, [...x.shape.slice(0, -1), sizeAt(weight.shape, 1)])
  return record1('linear', bias === undefined ? [x, weight] : [x, weight, bias], shaped, (g) => [
    () => rawReshape(rawGemm(rows(g), weight, undefined, { transB: true }), x.shape),
    () => weightGradient(rows(x), rows(g)),
    bias === undefined ? undefined : () => rawReshape(rawReduce('ReduceSum', rows(g), [0], false), bias.shape),
  ])
}

/**
 * `x' g`. ONNX Runtime packs the transposed operand once for every 128 columns of the result, so the narrower one of the
 * two stands there, and a wide gradient is computed turned round.
 */
function weightGradient(x: Tensor, g: Tensor): Tensor {
  if (sizeAt(x.shape, 1) >= sizeAt(g.shape, 1)) return rawGemm(x, g, undefined, { transA: true })
  const turned = rawGemm(g, x, undefined, { transA: true })
  // With a third axis, because the runtime folds a plain transposition back into the Gemm.
  const [height, width] = [sizeAt(turned.shape, 0), sizeAt(turned.shape, 1)]
  return rawReshape(rawTranspose(rawReshape(turned, [height, width, 1]), [1, 0, 2]), [width, height])
}

/** Results above this size take their bias in an operation of its own. */
const LARGE = 2 ** 17

/** ONNX Runtime copies a Gemm's added term on one thread, which costs more than a threaded Add once it is large. */
function product(x: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  const shape = [sizeAt(x.shape, 0), sizeAt(weight.shape, 1)]
  if (bias === undefined || !isStatic(shape) || sizeOf(shape) < LARGE) return rawGemm(x, weight, bias, {})
  return x.graph.withoutTape(() => add(rawGemm(x, weight, undefined, {}), bias))
}

/**
 * Projections of one input into attention heads, heads first, so that attention needs no transposition: one batched
 * product per weight. Several weights (query, key, value) may be given at once.
 * @param x [..., width]; the leading axes are flattened to rows
 * @param weights each [heads, width, head size]
 * @returns each [heads, rows, head size]
 */
export function projectHeads<const W extends readonly Tensor[]>(x: Tensor, weights: W): { [K in keyof W]: Tensor } {
  const flat = rows(x)
  const width = sizeAt(x.shape, -1)
  const outputs = weights.map((weight) => {
    const [heads, inner, size] = weight.shape
    if (weight.rank !== 3 || inner !== width || heads === undefined || size === undefined) {
      throw shapeError('projectHeads', [x.shape, weight.shape], 'the weight must be [heads, width, head size]')
    }
    return emit1('MatMul', [flat, weight], [heads, sizeAt(flat.shape, 0), size], x.dtype)
  })
  record('projectHeads', [x, ...weights], outputs, (gs) => {
    // Rows by (head, size), the layout in which one Gemm serves all heads.
    const merged = gs.map((g) =>
      g === undefined ? undefined : rawReshape(rawTranspose(g, [1, 0, 2]), [sizeAt(g.shape, 1), -1]),
    )
    const inputGradient = (): Tensor => {
      let sum: Tensor | undefined
      for (const [i, g] of merged.entries()) {
        const weight = weights[i]
        if (g === undefined || weight === undefined) continue
        const matrix = rawReshape(rawTranspose(weight, [1, 0, 2]), [width, -1])
        const term = rawGemm(g, matrix, undefined, { transB: true })
        sum = sum === undefined ? term : add(sum, term)
      }
      if (sum === undefined) throw graphError('projectHeads: no output has a gradient')
      return rawReshape(sum, x.shape)
    }
    const weightGradients = merged.map((g, i) => (): Tensor | undefined => {
      const weight = weights[i]
      if (g === undefined || weight === undefined) return undefined
      const matrix = rawGemm(flat, g, undefined, { transA: true })
      return rawTranspose(rawReshape(matrix, [width, sizeAt(weight.shape, 0), sizeAt(weight.shape, 2)]), [1, 0, 2])
    })
    return [inputGradient, ...weightGradients]
  })
  return outputs as { [K in keyof W]: Tensor }
}

/**
 * Puts the heads side by side again: [heads, ..., head size] to [..., heads * head size].
 */
export function mergeHeads(x: Tensor): Tensor {
  const last = x.rank - 1
  const order = [...Array.from({ length: last - 1 }, (_, i) => i + 1), 0, last]
  return reshape(transpose(x, order), [...x.shape.slice(1, -1), sizeAt(x.shape, 0) * sizeAt(x.shape, -1)])
}
