import * as ops from './index.ts'
import type { Graph, Shape, TensorData, Tensor } from './index.ts'

export interface DecoderSize {
  readonly layers: number
  readonly width: number
  readonly heads: number
  readonly hidden: number
  readonly vocabulary: number
  readonly length: number
  readonly batch: number
  readonly activation: 'silu' | 'gelu' | 'relu'
}

const TINY: DecoderSize = {
  layers: 2,
  width: 8,
  heads: 2,
  hidden: 12,
  vocabulary: 7,
  length: 5,
  batch: 3,
  activation: 'silu',
}

/**
 * A causal decoder with a policy head and a value head, for tests and measurements of this folder: normalisation
 * without scale and bias, no bias in attention and heads. `build` gives a policy-gradient loss with an entropy term.
 */
export function decoder(size: Partial<DecoderSize> = {}): {
  shapes: Record<string, Shape>
  feeds: Record<string, TensorData>
  build: (inputs: Readonly<Record<string, Tensor>>, graph: Graph) => Tensor
} {
  const { layers, width, heads, hidden, vocabulary, length, batch, activation } = { ...TINY, ...size }
  const headSize = width / heads
  const tokenCount = batch * length
  const shapes: Record<string, Shape> = { embed: [vocabulary, width], place: [length, width] }
  for (let layer = 0; layer < layers; layer++) {
    for (const name of ['q', 'k', 'v']) shapes[`${name}${layer}`] = [heads, width, headSize]
    shapes[`o${layer}`] = [width, width]
    shapes[`up${layer}`] = [width, hidden]
    shapes[`upBias${layer}`] = [hidden]
    shapes[`down${layer}`] = [hidden, width]
    shapes[`downBias${layer}`] = [width]
  }
  shapes['head'] = [width, vocabulary]
  shapes['value'] = [width, 1]
  const feeds = {
    tokens: Int32Array.from({ length: tokenCount }, (_, i) => (i * 7 + (i >> 2)) % vocabulary),
    actions: Int32Array.from({ length: tokenCount }, (_, i) => (i * 5 + (i >> 3)) % vocabulary),
    advantages: Float32Array.from({ length: tokenCount }, (_, i) => Math.cos(i)),
    returns: Float32Array.from({ length: tokenCount }, (_, i) => Math.sin(i)),
  }

  const build = (w: Readonly<Record<string, Tensor>>, graph: Graph): Tensor => {
    const get = (name: string): Tensor => {
      const tensor = w[name]
      if (tensor === undefined) throw new Error(`no weight ${name}`)
      return tensor
    }
    const tokens = graph.input('tokens', [batch, length], 'int32')
    const actions = graph.input('actions', [batch, length], 'int32')
    const advantages = graph.input('advantages', [batch, length])
    const returns = graph.input('returns', [batch, length])
    let x = ops.add(ops.embedding(get('embed'), tokens), get('place'))
    const mask = ops.causalMask(x, length)
    const byHead = (t: Tensor): Tensor => ops.reshape(t, [heads, batch, length, headSize])
    for (let layer = 0; layer < layers; layer++) {
      const projections = [get(`q${layer}`), get(`k${layer}`), get(`v${layer}`)] as const
      const [q, k, v] = ops.projectHeads(ops.layerNorm(x), projections)
      const seen = ops.attention(byHead(q), byHead(k), byHead(v), { mask })
      x = ops.add(x, ops.linear(ops.mergeHeads(seen), get(`o${layer}`)))
      const up = ops.linear(ops.layerNorm(x), get(`up${layer}`), get(`upBias${layer}`))
      x = ops.add(x, ops.linear(ops[activation](up), get(`down${layer}`), get(`downBias${layer}`)))
    }
    const features = ops.layerNorm(x)
    const { logProb, entropy } = ops.categorical(ops.linear(features, get('head')), actions)
    const value = ops.reshape(ops.linear(features, get('value')), [batch, length])
    const policyLoss = ops.neg(ops.reduceMean(ops.mul(logProb, advantages)))
    const valueLoss = ops.reduceMean(ops.square(ops.sub(value, returns)))
    return ops.sub(ops.add(policyLoss, ops.mul(valueLoss, 0.5)), ops.mul(ops.reduceMean(entropy), 0.01))
  }
  return { shapes, feeds, build }
}
