import { errors } from './errors.ts'
import type { TapeRecord, Tensor } from './graph.ts'
import { add } from './ops-elementwise.ts'
import { rawExpand } from './raw.ts'
import { sameShape, shapeError } from './shape.ts'

/**
 * Reverse-mode differentiation (Linnainmaa 1970; "tape by construction"): emits into the same graph the nodes that
 * compute the gradient of a scalar loss. First order only: gradients are not themselves differentiable.
 *
 * The order of every sum follows from the order of construction, so the same graph gives the same bits on every run.
 *
 * @param loss one number: shape [] or all sizes 1.
 * @param wrt tensors to differentiate by (`graph.parameter`, or anything computed from one).
 * @param options.unused what to do when the loss does not depend on one of them: 'error' (default) or 'zero'.
 * @returns one gradient per entry of `wrt`, of its shape.
 * @throws DdaError `DDA_GRAPH_SHAPE` when the loss is no scalar, `DDA_GRAPH_NO_GRADIENT` when there is no dependence.
 */
export function gradients(
  loss: Tensor,
  wrt: readonly Tensor[],
  options: { readonly unused?: 'error' | 'zero' } = {},
): Tensor[] {
  if (loss.shape.some((size) => size !== 1)) throw shapeError('gradients', [loss.shape], 'the loss must be one number')
  return loss.graph.withoutTape(() => {
    const sums = new Map<Tensor, Tensor>([[loss, loss.graph.constant([1], loss.shape)]])
    for (const step of tapeOf(loss)) {
      const incoming = step.outputs.map((output) => sums.get(output))
      const outgoing = step.vjp(incoming)
      for (const [i, input] of step.inputs.entries()) {
        const entry = input.requiresGrad ? outgoing[i] : undefined
        const gradient = typeof entry === 'function' ? entry() : entry
        if (gradient === undefined) continue
        if (!sameShape(gradient.shape, input.shape)) {
          throw shapeError(`gradient of ${step.op}`, [gradient.shape, input.shape], 'differs from the operand in shape')
        }
        const sum = sums.get(input)
        sums.set(input, sum === undefined ? gradient : add(sum, gradient))
      }
      // Outputs are complete here and nothing later reads them, except the caller's own `wrt`.
      for (const output of step.outputs) if (!wrt.includes(output)) sums.delete(output)
    }
    return wrt.map((tensor) => {
      const gradient = sums.get(tensor)
      if (gradient !== undefined) return gradient
      if (options.unused === 'zero') return rawExpand(tensor.graph.scalar(0), tensor.shape)
      throw errors.make('DDA_GRAPH_NO_GRADIENT/unrelated', { tensor: String(tensor) })
    })
  })
}

/** Every step that the loss depends on, last first. */
function tapeOf(loss: Tensor): TapeRecord[] {
  const seen = new Set<TapeRecord>()
  const pending = loss.record === undefined ? [] : [loss.record]
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    if (seen.has(step)) continue
    seen.add(step)
    for (const input of step.inputs) if (input.record !== undefined) pending.push(input.record)
  }
  return [...seen].toSorted((a, b) => b.order - a.order)
}
