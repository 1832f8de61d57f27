import { expect, test } from 'vitest'
import { checkGradient, type GradientCheckOptions } from './gradient-check.ts'
import * as ops from './index.ts'
import type { Graph, Shape, Tensor } from './index.ts'

type Inputs = Readonly<Record<string, Tensor>>
interface Case {
  readonly shapes: Readonly<Record<string, Shape>>
  readonly build: (inputs: { a: Tensor; b: Tensor; c: Tensor }, graph: Graph) => Tensor | readonly Tensor[]
  readonly options?: GradientCheckOptions
}

/** A function of one tensor. */
function unary(
  apply: (x: Tensor, graph: Graph) => Tensor | readonly Tensor[],
  options: GradientCheckOptions = {},
): Case {
  return { shapes: { a: [4, 6] }, build: ({ a }, graph) => apply(a, graph), options }
}

function binary(apply: (a: Tensor, b: Tensor) => Tensor, options: GradientCheckOptions = {}): Record<string, Case> {
  const build: Case['build'] = ({ a, b }) => apply(a, b)
  return {
    '': { shapes: { a: [4, 6], b: [4, 6] }, build, options },
    ', row broadcast': { shapes: { a: [3, 4, 6], b: [6] }, build, options },
    ', column broadcast': { shapes: { a: [4, 1], b: [3, 4, 6] }, build, options },
    ', scalar': { shapes: { a: [4, 6], b: [] }, build, options },
  }
}

function named(name: string, cases: Record<string, Case>): Record<string, Case> {
  return Object.fromEntries(Object.entries(cases).map(([suffix, value]) => [name + suffix, value]))
}

const index = (graph: Graph, values: readonly number[], shape: Shape): Tensor => graph.constant(values, shape, 'int32')
const positive: GradientCheckOptions = { range: [0.5, 2] }
// Kinks (min, max, clip, abs, relu) are crossed by few elements when the step is small.
const kinked: GradientCheckOptions = { epsilon: 1e-3 }

const cases: Record<string, Case> = {
  ...named('add', binary(ops.add)),
  ...named('sub', binary(ops.sub)),
  ...named('mul', binary(ops.mul)),
  ...named('div', binary(ops.div, positive)),
  ...named('min', binary(ops.min, kinked)),
  ...named('max', binary(ops.max, kinked)),
  ...named(
    'where',
    binary((a, b) => ops.where(ops.greater(ops.detach(a), 0), a, b), kinked),
  ),
  'number operands': unary((x) => ops.add(ops.mul(2, ops.sub(1, x)), ops.div(x, 4))),
  'the same operand twice': unary((x) => ops.mul(x, ops.add(x, x))),
  neg: unary(ops.neg),
  exp: unary(ops.exp),
  log: unary(ops.log, positive),
  sqrt: unary(ops.sqrt, positive),
  square: unary(ops.square, positive),
  abs: unary(ops.abs, kinked),
  tanh: unary(ops.tanh),
  sigmoid: unary(ops.sigmoid),
  relu: unary(ops.relu, kinked),
  silu: unary(ops.silu),
  gelu: unary(ops.gelu, { range: [-3, 3] }),
  clip: unary((x) => ops.clip(x, -0.5, 0.5), kinked),
  'clip from below': unary((x) => ops.clip(x, 0, undefined), kinked),
  'clip from above': unary((x) => ops.clip(x, undefined, x.graph.scalar(0.25)), kinked),
  'reduceSum of all': unary((x) => ops.reduceSum(ops.square(x)), positive),
  'reduceSum of an axis': unary((x) => ops.reduceSum(ops.square(x), [0]), positive),
  'reduceSum, axes kept': unary((x) => ops.mul(x, ops.reduceSum(x, [1], { keep: true })), positive),
  'reduceMean of all': unary((x) => ops.reduceMean(ops.square(x)), positive),
  'reduceMean of an axis': unary((x) => ops.reduceMean(ops.exp(x), [-1])),
  softmax: unary((x) => ops.square(ops.softmax(x)), { range: [-2, 2] }),
  'softmax over the first axis': unary((x) => ops.square(ops.softmax(x, 0)), { range: [-2, 2] }),
  logSoftmax: unary((x) => ops.logSoftmax(x), { range: [-2, 2] }),
  reshape: unary((x) => ops.reshape(ops.square(x), [3, -1]), positive),
  transpose: { shapes: { a: [2, 3, 4] }, build: ({ a }) => ops.transpose(ops.square(a), [2, 0, 1]), options: positive },
  expand: { shapes: { a: [3, 1] }, build: ({ a }) => ops.square(ops.expand(a, [2, 3, 5])), options: positive },
  concat: {
    shapes: { a: [2, 3], b: [2, 1], c: [2, 4] },
    build: ({ a, b, c }) => ops.square(ops.concat([a, b, c], 1)),
    options: positive,
  },
  split: unary((x) => ops.split(ops.square(x), [1, 2, 3], 1), positive),
  'split with an unused part': unary((x) => ops.split(ops.square(x), [1, 2, 3], 1).slice(1, 2), positive),
  slice: unary((x) => ops.slice(ops.square(x), 1, 1, -2), positive),
  'slice to the end': unary((x) => ops.slice(ops.square(x), 0, -2), positive),
  unsqueeze: unary((x) => ops.square(ops.unsqueeze(x, 1)), positive),
  unflatten: {
    shapes: { a: [11] },
    build: ({ a }) => {
      const { u, v } = ops.unflatten(a, { u: [2, 4], v: [3] }) as { u: Tensor; v: Tensor }
      return [ops.square(u), ops.exp(v)]
    },
    options: positive,
  },
  'gather with repeats': unary(
    (x, graph) => ops.square(ops.gather(x, index(graph, [0, 2, 2, 0, 1, 2], [2, 3]))),
    positive,
  ),
  'gather along the last axis': unary(
    (x, graph) => ops.square(ops.gather(x, index(graph, [5, 0, 5], [3]), 1)),
    positive,
  ),
  'gather with one index': unary((x, graph) => ops.square(ops.gather(x, index(graph, [2], []))), positive),
  gatherElements: unary(
    (x, graph) => ops.square(ops.gatherElements(x, index(graph, [0, 0, 5, 3, 1, 2, 4, 4], [4, 2]))),
    positive,
  ),
  matmul: { shapes: { a: [4, 3], b: [3, 5] }, build: ({ a, b }) => ops.square(ops.matmul(a, b)), options: positive },
  'gemm with a term': {
    shapes: { a: [4, 3], b: [3, 5], c: [5] },
    build: ({ a, b, c }) => ops.square(ops.gemm(a, b, c, { alpha: 0.5, beta: 2 })),
    options: positive,
  },
  'gemm, both transposed': {
    shapes: { a: [3, 4], b: [5, 3], c: [4, 5] },
    build: ({ a, b, c }) => ops.square(ops.gemm(a, b, c, { transA: true, transB: true, alpha: 0.5 })),
    options: positive,
  },
  'gemm, one transposed': {
    shapes: { a: [3, 4], b: [3, 5] },
    build: ({ a, b }) => ops.square(ops.gemm(a, b, undefined, { transA: true })),
    options: positive,
  },
}

/** Batched products with every combination of transpositions, broadcasting on either side. */
for (const transA of [false, true]) {
  for (const transB of [false, true]) {
    const a = transA ? [3, 4] : [4, 3]
    const b = transB ? [5, 3] : [3, 5]
    const build: Case['build'] = (x) => ops.square(ops.matmul(x.a, x.b, { transA, transB, alpha: 0.7 }))
    const name = `matmul${transA ? ' transA' : ''}${transB ? ' transB' : ''}`
    cases[`${name}, batched`] = { shapes: { a: [2, 6, ...a], b: [2, 6, ...b] }, build, options: positive }
    cases[`${name}, left broadcast`] = { shapes: { a, b: [6, ...b] }, build, options: positive }
    cases[`${name}, right broadcast`] = { shapes: { a: [2, 6, ...a], b: [6, ...b] }, build, options: positive }
  }
}

for (const lowering of ['fast', 'portable'] as const) {
  const batched = Object.entries(cases).filter(([name]) => lowering === 'fast' || name.startsWith('matmul'))
  test.each(batched)(
    `the gradient of %s agrees with finite differences (${lowering})`,
    async (_, { shapes, build, options }) => {
      const run = (inputs: Inputs, graph: Graph): ReturnType<Case['build']> =>
        build(inputs as unknown as { a: Tensor; b: Tensor; c: Tensor }, graph)
      const check = await checkGradient(shapes, run, {}, { ...options, lowering })
      expect(check.worst, JSON.stringify(check.derivatives)).toBeLessThan(0.02)
      expect(Object.values(check.derivatives).every(({ numeric }) => Math.abs(numeric) > 1e-3)).toBe(true)
    },
  )
}

test('a wrong gradient does not pass the check', async () => {
  const check = await checkGradient({ a: [4, 6] }, ({ a }) => ops.add(a as Tensor, ops.detach(ops.square(a as Tensor))))
  expect(check.worst).toBeGreaterThan(0.1)
})
