/**
 * Typed ONNX graphs with reverse-mode gradients, and the session that runs them. An example, least squares:
 *
 *     const graph = new Graph()
 *     const x = graph.input('x', [32, 8])
 *     const target = graph.input('target', [32, 1])
 *     const weight = graph.parameter('weight', [8, 1])
 *     const loss = reduceMean(square(sub(linear(x, weight), target)))
 *     const [gradient] = gradients(loss, [weight])
 *     graph.output('loss', loss)
 *     graph.output('gradient', gradient!)
 *
 *     const session = await OnnxSession.create(graph.build(), { threads: 2 })
 *     const theta = new Float32Array(8)
 *     for (let step = 0; step < 100; step++) {
 *       const out = await session.run({ x: xs, target: ys, weight: theta })
 *       const g = out['gradient']!.data as Float32Array
 *       theta.forEach((w, i) => { theta[i] = w - 0.1 * g[i]! })
 *     }
 *     await session.release()
 *
 * Operations are functions over symbolic tensors; shapes and types are checked while the graph is built. Inference is
 * the same code with `graph.input` in place of `graph.parameter`. `loadOrt` is for
 * models that were made elsewhere; no other package loads ONNX Runtime.
 */
export { gradients } from './autodiff.ts'
export { gelu, relu, silu } from './composites-activation.ts'
export { attention, causalMask, MASKED, type AttentionOptions } from './composites-attention.ts'
export { categorical, embedding, type Categorical } from './composites-categorical.ts'
export { linear, mergeHeads, projectHeads } from './composites-linear.ts'
export { layerNorm, rmsNorm, type NormOptions } from './composites-norm.ts'
export { prefixAttention, type PrefixAttentionInputs } from './composites-prefix-attention.ts'
export type { DType, TensorData } from './dtype.ts'
export type { Feed } from './feeds.ts'
export { detach } from './emit.ts'
export { Graph, Tensor, type GraphSignature, type Lowering, type ValueSpec } from './graph.ts'
export {
  abs,
  add,
  and,
  cast,
  clip,
  div,
  equal,
  exp,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  log,
  max,
  min,
  mul,
  neg,
  not,
  or,
  sigmoid,
  sqrt,
  square,
  sub,
  tanh,
  where,
  type Operand,
} from './ops-elementwise.ts'
export { launchThread } from './launch-thread.ts'
export { gather, gatherElements, scatterAdd } from './ops-index.ts'
export { gemm, matmul, type GemmOptions, type MatmulOptions } from './ops-linear.ts'
export { loop, type LoopNext, type LoopOptions, type LoopResult, type LoopStep } from './ops-loop.ts'
export { argMax, cumSum, logSoftmax, reduceMax, reduceMean, reduceMin, reduceSum, softmax } from './ops-reduce.ts'
export { concat, expand, reshape, slice, split, splitAt, transpose, unflatten, unsqueeze } from './ops-shape.ts'
export {
  availableProviders,
  loadOrt,
  type Ort,
  type OrtInferenceSession,
  type OrtTensor,
  type SessionOptions,
} from './runtime.ts'
export { allocateOutputs, OnnxSession, type RunOptions, type RunOutput } from './session.ts'
export { DYNAMIC, showShape, type Shape } from './shape.ts'
