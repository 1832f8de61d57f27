import { emit1, record } from './emit.ts'
import { graphError, type Tensor } from './graph.ts'
import { add, exp, mul, neg, sub } from './ops-elementwise.ts'
import { gather, scatterAdd } from './ops-index.ts'
import { rows } from './ops-linear.ts'
import { rawReduce, rawReshape } from './raw.ts'
import { sameShape, shapeError, sizeOf } from './shape.ts'

export interface Categorical {
  /** Log-probability of the chosen index, in the shape of `actions`. */
  readonly logProb: Tensor
  /** Entropy in nats, in the shape of `actions`. */
  readonly entropy: Tensor
  /** Log-probabilities of all indices, in the shape of `logits`. */
  readonly logProbs: Tensor
}

/**
 * A categorical distribution over the last axis as one unit: log-softmax, the log-probability of the chosen indices and
 * the entropy, with a common gradient
 *
 *     d logits = -p * (g_logProb + g_entropy * (log p - sum p log p)), plus g_logProb at the chosen index,
 *
 * which needs no one-hot tensor. Outputs that the loss does not use cost nothing. To forbid an index, add a large
 * negative number (not -Infinity) to its logit.
 * @param logits [..., V]
 * @param actions [...] chosen indices, int32 or int64
 */
export function categorical(logits: Tensor, actions: Tensor): Categorical {
  if (!sameShape(logits.shape.slice(0, -1), actions.shape)) {
    throw shapeError(
      'categorical',
      [logits.shape, actions.shape],
      'actions must have the shape of logits less the last',
    )
  }
  const flat = rows(logits)
  const count = sizeOf(actions.shape, 'categorical')
  const index = rawReshape(actions, [count, 1])
  const column = [count, 1]
  const build = (): { lp: Tensor; p: Tensor; sum: Tensor; picked: Tensor } => {
    const lp = emit1('LogSoftmax', [flat], flat.shape, flat.dtype, { attributes: { axis: { int: 1 } } })
    const p = exp(lp)
    const sum = rawReduce('ReduceSum', mul(p, lp), [1], true)
    const picked = emit1('GatherElements', [lp, index], column, lp.dtype, { attributes: { axis: { int: 1 } } })
    return { lp, p, sum, picked }
  }
  const { lp, p, sum, picked } = logits.graph.withoutTape(build)
  const outputs = [
    rawReshape(picked, actions.shape),
    rawReshape(
      logits.graph.withoutTape(() => neg(sum)),
      actions.shape,
    ),
    rawReshape(lp, logits.shape),
  ] as const
  record('categorical', [logits], outputs, ([gPicked, gEntropy, gAll]) => [
    () => {
      const gPick = gPicked === undefined ? undefined : rawReshape(gPicked, column)
      const gEnt = gEntropy === undefined ? undefined : rawReshape(gEntropy, column)
      const gFull = gAll === undefined ? undefined : rows(gAll)
      // Everything that multiplies -p: per row first, the [N, V] terms last.
      let perRow = gPick
      if (gFull !== undefined) {
        const total = rawReduce('ReduceSum', gFull, [1], true)
        perRow = perRow === undefined ? total : add(perRow, total)
      }
      let minus = perRow === undefined ? undefined : neg(perRow)
      if (gEnt !== undefined) {
        const offset = mul(gEnt, sum)
        minus = sub(minus === undefined ? offset : add(offset, minus), mul(gEnt, lp))
      }
      if (minus === undefined) throw graphError('categorical: no output has a gradient')
      let result = mul(p, minus)
      if (gFull !== undefined) result = add(result, gFull)
      // One index per row, so nothing is added twice to the same place.
      if (gPick !== undefined) result = scatterAdd(result, index, gPick, 1)
      return rawReshape(result, logits.shape)
    },
  ])
  return { logProb: outputs[0], entropy: outputs[1], logProbs: outputs[2] }
}

/**
 * Rows of a table by index. Repeated indices add up in the gradient, deterministically.
 * @param table [V, width]
 * @param indices [...] int32 or int64
 * @returns [..., width]
 */
export function embedding(table: Tensor, indices: Tensor): Tensor {
  if (table.rank !== 2) throw shapeError('embedding', [table.shape, indices.shape], 'the table must be a matrix')
  return gather(table, indices, 0)
}
