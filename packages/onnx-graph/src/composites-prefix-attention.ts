import { record1 } from './emit.ts'
import type { Tensor } from './graph.ts'
import { add, div, exp, max, mul, sub } from './ops-elementwise.ts'
import { rawMatmul } from './ops-linear.ts'
import { rawReduce, rawReshape } from './raw.ts'
import { sameShape, shapeError, sizeAt } from './shape.ts'

/** What plans attend to. Heads first; B plans, U prefixes, B a multiple of U: rows u * B/U ... belong to prefix u. */
export interface PrefixAttentionInputs {
  /** Each [heads, B, T, head size]. */
  readonly q: Tensor
  readonly k: Tensor
  readonly v: Tensor
  /** Each [heads, U, P, head size]. */
  readonly prefixKeys: Tensor
  readonly prefixValues: Tensor
  /** Additive, [U, 1, P] or a shape that broadcasts to it. Takes no gradient. */
  readonly prefixMask: Tensor
  /** Additive, [T, T]. Takes no gradient. */
  readonly mask: Tensor
}

/** One set of keys and values with the queries to it. */
interface Side {
  readonly q: Tensor
  readonly k: Tensor
  readonly v: Tensor
  readonly mask: Tensor
}

/**
 * Attention of plans to their prefix and to themselves under one softmax, without joining the two: all plans of a prefix
 * are one long list of queries to it, and the scores, the largest tensors here, are never copied together or apart. As in
 * FlashAttention (Dao et al. 2022, section 3.1), parts of a row share their maximum and the sum of exponentials, and the
 * division by that sum comes after the product with the values.
 * @returns [heads, B, T, head size]
 */
export function prefixAttention(inputs: PrefixAttentionInputs): Tensor {
  const { q, k, v, prefixKeys, prefixValues } = inputs
  const [heads = 0, rows = 0, length = 0, size = 0] = q.shape
  const prefixes = sizeAt(prefixKeys.shape, 1)
  if (!sameShape(k.shape, q.shape) || !sameShape(v.shape, q.shape) || rows % prefixes !== 0) {
    throw shapeError('prefixAttention', [q.shape, k.shape, v.shape, prefixKeys.shape], 'do not fit each other')
  }
  const alpha = 1 / Math.sqrt(size)
  const queries = (rows / prefixes) * length
  const byPrefix = (x: Tensor): Tensor => rawReshape(x, [heads, prefixes, queries, sizeAt(x.shape, -1)])
  const byRow = (x: Tensor): Tensor => rawReshape(x, [heads, rows, length, sizeAt(x.shape, -1)])
  const scores = (side: Side): Tensor => add(rawMatmul(side.q, side.k, { transB: true, alpha }), side.mask)
  const rowsOf = (op: 'ReduceMax' | 'ReduceSum', x: Tensor): Tensor => rawReduce(op, x, [-1], true)

  const prefix: Side = { q: byPrefix(q), k: prefixKeys, v: prefixValues, mask: inputs.prefixMask }
  const past: Side = { q, k, v, mask: inputs.mask }
  const { onPrefix, onPast, inverse, y } = q.graph.withoutTape(() => {
    const [toPrefix, toPast] = [scores(prefix), scores(past)]
    const highest = max(byRow(rowsOf('ReduceMax', toPrefix)), rowsOf('ReduceMax', toPast))
    const prefixShares = exp(sub(toPrefix, byPrefix(highest)))
    const pastShares = exp(sub(toPast, highest))
    const one = q.graph.scalar(1)
    const scale = div(one, add(byRow(rowsOf('ReduceSum', prefixShares)), rowsOf('ReduceSum', pastShares)))
    const sum = add(byRow(rawMatmul(prefixShares, prefix.v, {})), rawMatmul(pastShares, past.v, {}))
    return { onPrefix: prefixShares, onPast: pastShares, inverse: scale, y: mul(sum, scale) }
  })
  return record1('prefixAttention', [q, k, v, prefixKeys, prefixValues], y, (g) => {
    // The shares lack their factor `inverse`, so the gradient brings it.
    const scaled = mul(g, inverse)
    const sums = rowsOf('ReduceSum', mul(scaled, y))
    const scoreGradient = (shares: Tensor, values: Tensor, gradient: Tensor, offset: Tensor): Tensor =>
      mul(shares, sub(rawMatmul(gradient, values, { transB: true }), offset))
    const gPrefix = scoreGradient(onPrefix, prefix.v, byPrefix(scaled), byPrefix(sums))
    const gPast = scoreGradient(onPast, past.v, scaled, sums)
    return [
      () => add(byRow(rawMatmul(gPrefix, prefix.k, { alpha })), rawMatmul(gPast, past.k, { alpha })),
      () => rawMatmul(gPast, past.q, { transA: true, alpha }),
      () => rawMatmul(onPast, scaled, { transA: true }),
      () => rawMatmul(gPrefix, prefix.q, { transA: true, alpha }),
      () => rawMatmul(onPrefix, byPrefix(scaled), { transA: true }),
    ]
  })
}
