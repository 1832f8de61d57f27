import { record1 } from './emit.ts'
import type { Tensor } from './graph.ts'
import { add, mul, sub } from './ops-elementwise.ts'
import { rawMatmul } from './ops-linear.ts'
import { softmax } from './ops-reduce.ts'
import { reshape } from './ops-shape.ts'
import { rawReduce } from './raw.ts'
import { sameShape, shapeError, sizeAt } from './shape.ts'

/**
 * Added to the scores of positions that must not be seen. Finite, so that a row without any visible position stays a
 * number; `exp` of it is 0 in float32.
 */
export const MASKED = -1e9

export interface AttentionOptions {
  /**
   * Additive mask, 0 where visible and {@link MASKED} where not. Shapes: [Tq, Tk] (causal), [B, Tq, Tk] or [B, 1, Tk]
   * (key padding), or the batch-major forms [B, 1, Tq, Tk] and [B, 1, 1, Tk]. Takes no gradient.
   */
  readonly mask?: Tensor
  /** Factor of the scores; default 1 / sqrt(head size). */
  readonly scale?: number
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017, equation 1), heads first. The gradient of the softmax takes its row
 * sums from the output, `sum(g * y)`, which is smaller than the scores (Dao et al. 2022, FlashAttention, appendix B.2).
 * @param q [heads, B, Tq, head size]
 * @param k [heads, B, Tk, head size]; Tk may be DYNAMIC (a cache)
 * @param v [heads, B, Tk, head size]
 * @returns [heads, B, Tq, head size]
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  const lead = q.shape.slice(0, 2)
  const fits = [q, k, v].every((x) => x.rank === 4 && sameShape(x.shape.slice(0, 2), lead))
  if (!fits) throw shapeError('attention', [q.shape, k.shape, v.shape], 'must be [heads, B, T, head size] each')
  const alpha = options.scale ?? 1 / Math.sqrt(sizeAt(q.shape, -1))
  const { p, y } = q.graph.withoutTape(() => {
    const scores = rawMatmul(q, k, { transB: true, alpha })
    const weights = softmax(options.mask === undefined ? scores : add(scores, headMajor(options.mask)))
    return { p: weights, y: rawMatmul(weights, v, {}) }
  })
  return record1('attention', [q, k, v], y, (g) => {
    const rowSums = rawReduce('ReduceSum', mul(g, y), [-1], true)
    const scoreGradient = mul(p, sub(rawMatmul(g, v, { transB: true }), rowSums))
    return [
      () => rawMatmul(scoreGradient, k, { alpha }),
      () => rawMatmul(scoreGradient, q, { transA: true, alpha }),
      () => rawMatmul(p, g, { transA: true }),
    ]
  })
}

/** [B, 1, Tq|1, Tk] without its head axis, so that it lines up with scores of [heads, B, Tq, Tk]. */
function headMajor(mask: Tensor): Tensor {
  if (mask.requiresGrad) throw shapeError('attention mask', [mask.shape], 'takes no gradient')
  if (mask.rank < 4) return mask
  if (mask.rank > 4 || mask.shape[1] !== 1) throw shapeError('attention mask', [mask.shape], 'must have head axis 1')
  return reshape(mask, [sizeAt(mask.shape, 0), ...mask.shape.slice(2)])
}

/** Additive causal mask [T, T]: position i sees positions 0..i. Built once per graph and length. */
export function causalMask(x: Tensor, length: number): Tensor {
  return x.graph.root.once(`causal mask ${length}`, () => {
    const values = new Float32Array(length * length)
    for (let i = 0; i < length; i++) values.fill(MASKED, i * length + i + 1, (i + 1) * length)
    return x.graph.root.constant(values, [length, length])
  })
}
