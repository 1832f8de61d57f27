import { expect, test } from 'vitest'
import { checkGradient, type GradientCheckOptions } from './gradient-check.ts'
import * as ops from './index.ts'
import { decoder } from './decoder.fixture.ts'
import type { Graph, Shape, Tensor } from './index.ts'

type Inputs = Readonly<Record<string, Tensor>>
interface Case {
  readonly shapes: Readonly<Record<string, Shape>>
  readonly build: (inputs: Inputs, graph: Graph) => Tensor | readonly Tensor[]
  readonly options?: GradientCheckOptions
}

function get(inputs: Inputs, name: string): Tensor {
  const tensor = inputs[name]
  if (tensor === undefined) throw new Error(`no input ${name}`)
  return tensor
}

const positive: GradientCheckOptions = { range: [0.2, 1] }
const actions = [0, 4, 4, 2, 1, 3]

/** The outputs of the categorical head that `pick` names, of [2, 3, 5] logits. */
function head(pick: (out: ops.Categorical) => Tensor | readonly Tensor[]): Case {
  return {
    shapes: { logits: [2, 3, 5] },
    build: (inputs, graph) => pick(ops.categorical(get(inputs, 'logits'), graph.constant(actions, [2, 3], 'int32'))),
    options: { range: [-2, 2] },
  }
}

/** Attention of 2 heads, batch 3, 4 queries over 5 keys. */
function attention(mask: (graph: Graph) => Tensor | undefined): Case {
  return {
    shapes: { q: [2, 3, 4, 6], k: [2, 3, 5, 6], v: [2, 3, 5, 6] },
    build: (inputs, graph) => {
      const given = mask(graph)
      const [q, k, v] = [get(inputs, 'q'), get(inputs, 'k'), get(inputs, 'v')]
      return ops.attention(q, k, v, given === undefined ? {} : { mask: given })
    },
    options: { range: [-2, 2] },
  }
}

const M = ops.MASKED
const cases: Record<string, Case> = {
  linear: {
    shapes: { x: [2, 3, 4], w: [4, 5], b: [5] },
    build: (i) => ops.square(ops.linear(get(i, 'x'), get(i, 'w'), get(i, 'b'))),
    options: positive,
  },
  'linear without bias': {
    shapes: { x: [3, 4], w: [4, 5] },
    build: (i) => ops.square(ops.linear(get(i, 'x'), get(i, 'w'))),
    options: positive,
  },
  projectHeads: {
    shapes: { x: [2, 3, 4], q: [2, 4, 3], k: [2, 4, 3], v: [2, 4, 5] },
    build: (i) => ops.projectHeads(get(i, 'x'), [get(i, 'q'), get(i, 'k'), get(i, 'v')]).map(ops.square),
    options: positive,
  },
  'projectHeads with an unused projection': {
    shapes: { x: [2, 3, 4], v: [2, 4, 5] },
    build: (i, graph) => {
      const unused = graph.constant(Float32Array.from({ length: 24 }, Math.sin), [2, 4, 3])
      return ops.square(ops.projectHeads(get(i, 'x'), [unused, get(i, 'v'), unused])[1])
    },
    options: positive,
  },
  mergeHeads: { shapes: { x: [2, 3, 4, 5] }, build: (i) => ops.square(ops.mergeHeads(get(i, 'x'))), options: positive },
  attention: attention(() => undefined),
  'attention with a mask of queries and keys': attention((graph) =>
    graph.constant([0, M, M, M, M, 0, 0, M, M, M, 0, 0, 0, M, M, 0, 0, 0, 0, 0], [4, 5]),
  ),
  'attention with key padding': attention((graph) =>
    graph.constant([0, 0, 0, 0, M, 0, 0, M, M, M, 0, 0, 0, M, M], [3, 1, 5]),
  ),
  'attention with batch-major key padding': attention((graph) =>
    graph.constant([0, 0, 0, 0, M, 0, 0, M, M, M, 0, 0, 0, M, M], [3, 1, 1, 5]),
  ),
  // 2 heads, 4 plans of 2 prefixes, 3 queries over 5 prefix positions, some hidden, and their own past.
  prefixAttention: {
    shapes: { q: [2, 4, 3, 6], k: [2, 4, 3, 6], v: [2, 4, 3, 6], prefixKeys: [2, 2, 5, 6], prefixValues: [2, 2, 5, 6] },
    build: (i, graph) =>
      ops.prefixAttention({
        q: get(i, 'q'),
        k: get(i, 'k'),
        v: get(i, 'v'),
        prefixKeys: get(i, 'prefixKeys'),
        prefixValues: get(i, 'prefixValues'),
        prefixMask: graph.constant([0, 0, 0, 0, M, 0, 0, M, M, M], [2, 1, 5]),
        mask: ops.causalMask(get(i, 'q'), 3),
      }),
    options: { range: [-2, 2] },
  },
  layerNorm: {
    shapes: { x: [3, 8] },
    build: (i) => ops.square(ops.layerNorm(get(i, 'x'))),
    options: { range: [-2, 3] },
  },
  'layerNorm of the plain sum': {
    shapes: { x: [2, 3, 8], s: [8], b: [8] },
    build: (i) => ops.layerNorm(get(i, 'x'), { scale: get(i, 's'), bias: get(i, 'b') }),
    options: { range: [-2, 3] },
  },
  rmsNorm: { shapes: { x: [3, 8] }, build: (i) => ops.square(ops.rmsNorm(get(i, 'x'))), options: { range: [-2, 3] } },
  'rmsNorm with a scale': {
    shapes: { x: [3, 8], s: [8] },
    build: (i) => ops.rmsNorm(get(i, 'x'), { scale: get(i, 's') }),
    options: { range: [-2, 3] },
  },
  'categorical log-probability': head((out) => out.logProb),
  'categorical entropy': head((out) => out.entropy),
  'all categorical log-probabilities': head((out) => out.logProbs),
  'categorical log-probability and entropy': head((out) => [out.logProb, out.entropy]),
  'every categorical output': head((out) => [out.logProb, out.entropy, out.logProbs]),
  embedding: {
    shapes: { table: [4, 3] },
    build: (i, graph) =>
      ops.square(ops.embedding(get(i, 'table'), graph.constant([3, 0, 3, 3, 1, 0], [2, 3], 'int32'))),
    options: positive,
  },
}

for (const lowering of ['fast', 'portable'] as const) {
  test.each(Object.entries(cases))(
    `the gradient of %s agrees with finite differences (${lowering})`,
    async (_, { shapes, build, options }) => {
      const check = await checkGradient(shapes, build, {}, { ...options, lowering })
      expect(check.worst, JSON.stringify(check.derivatives)).toBeLessThan(0.02)
      expect(Object.values(check.derivatives).every(({ numeric }) => Math.abs(numeric) > 1e-3)).toBe(true)
    },
  )
}

test.each(['disabled', 'all'] as const)(
  'the gradient of a whole decoder agrees with finite differences at optimisation level %s',
  async (optimization) => {
    const { shapes, build, feeds } = decoder()
    const check = await checkGradient(shapes, build, feeds, {
      range: [-0.4, 0.4],
      session: { optimization },
      epsilon: 2e-2,
    })
    expect(check.worst, JSON.stringify(check.derivatives)).toBeLessThan(0.02)
  },
)
