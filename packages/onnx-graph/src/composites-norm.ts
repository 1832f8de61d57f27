import { emit, record1 } from './emit.ts'
import { graphError, type Tensor } from './graph.ts'
import { add, div, mul, sqrt, square, sub } from './ops-elementwise.ts'
import { reduceMean } from './ops-reduce.ts'
import { rawReduce } from './raw.ts'
import { sizeAt } from './shape.ts'

export interface NormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number
  /** [width]; leave out where a linear map follows, which can learn it. */
  readonly scale?: Tensor
  /** [width]; leave out likewise. */
  readonly bias?: Tensor
}

/** A vector of ones as an operator asks for one; shared by all norms of that width. */
function ones(x: Tensor): Tensor {
  const width = sizeAt(x.shape, -1)
  return x.graph.root.once(`ones ${width}`, () => x.graph.root.constant(new Float32Array(width).fill(1), [width]))
}

function affine(x: Tensor, options: NormOptions): Tensor {
  const scaled = options.scale === undefined ? x : mul(x, options.scale)
  return options.bias === undefined ? scaled : add(scaled, options.bias)
}

/** The outputs "normalised" and "inverse deviation" of a norm operator. */
function normalise(op: string, x: Tensor, epsilon: number, withMean: boolean): { y: Tensor; inverse: Tensor } {
  const column = { shape: x.shape.with(x.rank - 1, 1), dtype: x.dtype }
  const attributes = { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } }
  const outputs = emit(op, [x, ones(x)], withMean ? [x, column, column] : [x, column], { attributes })
  const [y, inverse] = [outputs[0], outputs.at(-1)]
  if (y === undefined || inverse === undefined) throw graphError(`${op}: outputs are missing`)
  return { y, inverse }
}

/**
 * Layer normalisation over the last axis (Ba et al. 2016). Without scale and bias the output is the normalised value
 * itself, and the gradient is `(g - mean(g) - y * mean(g * y)) / deviation`: seven cheap operations.
 */
export function layerNorm(x: Tensor, options: NormOptions = {}): Tensor {
  const { y, inverse } = normalise('LayerNormalization', x, options.epsilon ?? 1e-5, true)
  record1('layerNorm', [x], y, (g) => {
    const centred = sub(g, rawReduce('ReduceMean', g, [-1], true))
    return [() => mul(sub(centred, mul(y, rawReduce('ReduceMean', mul(g, y), [-1], true))), inverse)]
  })
  return affine(y, options)
}

/**
 * Root-mean-square normalisation over the last axis (Zhang and Sennrich 2019): layer normalisation without the mean.
 * Written with plain operators in the portable lowering.
 */
export function rmsNorm(x: Tensor, options: NormOptions = {}): Tensor {
  const epsilon = options.epsilon ?? 1e-5
  if (x.graph.lowering === 'portable') {
    return affine(div(x, sqrt(add(reduceMean(square(x), [-1], { keep: true }), epsilon))), options)
  }
  const { y, inverse } = normalise('SimplifiedLayerNormalization', x, epsilon, false)
  record1('rmsNorm', [x], y, (g) => [
    () => mul(sub(g, mul(y, rawReduce('ReduceMean', mul(g, y), [-1], true))), inverse),
  ])
  return affine(y, options)
}
