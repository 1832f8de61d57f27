import {
  add,
  attention,
  causalMask,
  concat,
  embedding,
  layerNorm,
  linear,
  mergeHeads,
  mul,
  prefixAttention,
  projectHeads,
  reshape,
  silu,
  slice,
  sub,
  cast,
  unsqueeze,
  type Graph,
  type Tensor,
} from '@dda-thinker/onnx-graph'
import type { PolicyConfig } from './config.ts'
import { patchCount, patchLength } from './patches.ts'
import { parameterTable, valueHeadNames } from './parameters.ts'

/** Weights as symbolic tensors, by name. */
export type Weights = Readonly<Record<string, Tensor>>

/** Declares every parameter as an input of that name; `trained` ones take gradients. */
export function declareWeights(graph: Graph, config: PolicyConfig, trained: boolean): Weights {
  return Object.fromEntries(
    parameterTable(config).map(({ name, shape }) => [
      name,
      trained ? graph.parameter(name, shape) : graph.input(name, shape),
    ]),
  )
}

/** The weights as constants inside the model, for a file that needs nothing else. */
export function embedWeights(graph: Graph, config: PolicyConfig, theta: Float32Array): Weights {
  return Object.fromEntries(
    parameterTable(config).map(({ name, shape, offset, size }) => [
      name,
      graph.constant(theta.slice(offset, offset + size), shape),
    ]),
  )
}

export function weight(weights: Weights, name: string): Tensor {
  const tensor = weights[name]
  if (tensor === undefined) throw new Error(`no parameter ${name}`)
  return tensor
}

/** What a plan depends on. */
export interface PrefixInputs {
  /** uint8 [U, patches, patch length] */
  readonly patches: Tensor
  /** int32 [U, I], filled with `<pad>` on the right */
  readonly prompt: Tensor
  /** float32 [U, patches + I]: 0 where there is something to see, `MASKED` elsewhere. */
  readonly prefixMask: Tensor
}

export function declarePrefix(graph: Graph, config: PolicyConfig, batch: number, promptLength: number): PrefixInputs {
  const patches = patchCount(config.image)
  return {
    patches: graph.input('patches', [batch, patches, patchLength(config.image)], 'uint8'),
    prompt: graph.input('prompt', [batch, promptLength], 'int32'),
    prefixMask: graph.input('prefixMask', [batch, patches + promptLength]),
  }
}

/**
 * What is seen in each patch, [..., width]. The pixels of a patch are brought to mean 0 and variance 1 first: the background
 * and its brightness would otherwise drown what stands on it (about 80 % of the objects recognised after the training
 * that gave 50 % without).
 * @param patches uint8 [..., patch length]
 */
export function embedPatches(weights: Weights, patches: Tensor): Tensor {
  const pixels = layerNorm(sub(mul(cast(patches, 'float32'), 1 / 127.5), 1))
  const hidden = silu(linear(pixels, weight(weights, 'patch.in'), weight(weights, 'patch.in.bias')))
  return layerNorm(linear(hidden, weight(weights, 'patch.out'), weight(weights, 'patch.out.bias')))
}

/** Patches and instruction as one sequence, [U, patches + I, width]. */
export function embedPrefix(weights: Weights, inputs: PrefixInputs): Tensor {
  const seen = embedPatches(weights, inputs.patches)
  const length = inputs.prompt.shape[1] ?? 0
  const words = embedding(weight(weights, 'token'), inputs.prompt)
  return concat(
    [add(seen, weight(weights, 'patch.position')), add(words, slice(weight(weights, 'prompt.position'), 0, 0, length))],
    1,
  )
}

/** Splits into heads: [B, T, width] to [heads, B, T, head size] for each of the parts named. */
export function heads(weights: Weights, block: number, x: Tensor, parts: readonly string[]): Tensor[] {
  const [batch = 0, length = 0] = x.shape
  const projected = projectHeads(
    x,
    parts.map((part) => weight(weights, `block.${block}.${part}`)),
  )
  return projected.map((y) => reshape(y, [y.shape[0] ?? 0, batch, length, y.shape[2] ?? 0]))
}

/**
 * The second half of a block: attention's result added, then the feed-forward layer.
 * @param attended of the shape of the stream, or with heads, [heads, B, T, head size]
 */
export function finishBlock(weights: Weights, block: number, stream: Tensor, attended: Tensor): Tensor {
  const joined = attended.rank === 4 ? reshape(mergeHeads(attended), stream.shape) : attended
  const merged = linear(joined, weight(weights, `block.${block}.merge`))
  const x = add(stream, merged)
  const hidden = silu(
    linear(layerNorm(x), weight(weights, `block.${block}.up`), weight(weights, `block.${block}.up.bias`)),
  )
  return add(x, linear(hidden, weight(weights, `block.${block}.down`), weight(weights, `block.${block}.down.bias`)))
}

/**
 * The network over whole plans (teacher forcing), a prefix language model (Raffel et al. 2020, figure 4): the prefix sees
 * itself, a plan sees its prefix and its own past. Plans of the same prefix share its computation.
 * @param planInputs int32 [B, T], B a multiple of the prefixes' number U; rows u * B/U ... belong to prefix u. Each row is
 *   `<bos>`, then all tokens but the last.
 * @returns the normalised stream at the plans' positions, [B, T, width]: position t has seen tokens before t.
 */
export function trunk(config: PolicyConfig, weights: Weights, inputs: PrefixInputs, planInputs: Tensor): Tensor {
  const length = planInputs.shape[1] ?? 0
  const mask = unsqueeze(inputs.prefixMask, 1)
  const causal = causalMask(planInputs, length)
  let prefix = embedPrefix(weights, inputs)
  let plan = add(embedding(weight(weights, 'token'), planInputs), slice(weight(weights, 'plan.position'), 0, 0, length))
  for (let block = 0; block < config.layers; block++) {
    const seen = layerNorm(prefix)
    const [prefixKeys, prefixValues] = heads(weights, block, seen, ['key', 'value']) as [Tensor, Tensor]
    const [q, k, v] = heads(weights, block, layerNorm(plan), ['query', 'key', 'value']) as [Tensor, Tensor, Tensor]
    plan = finishBlock(
      weights,
      block,
      plan,
      prefixAttention({ q, k, v, prefixKeys, prefixValues, prefixMask: mask, mask: causal }),
    )
    // Nothing reads the prefix after the last block's keys and values.
    if (block + 1 === config.layers) break
    const [prefixQuery] = heads(weights, block, seen, ['query']) as [Tensor]
    prefix = finishBlock(weights, block, prefix, attention(prefixQuery, prefixKeys, prefixValues, { mask }))
  }
  return layerNorm(plan)
}

/** Logits at the sampling temperature, [..., emittable]. @param inverseTemperature broadcasts to `x` */
export function policyLogits(weights: Weights, x: Tensor, inverseTemperature: Tensor): Tensor {
  // The head has no bias, so scaling its input scales the logits, at a fraction of the cost.
  return linear(mul(x, inverseTemperature), weight(weights, 'head'))
}

/** The value that a head gives, [..., 1] without its last axis. @param head see `valueHeadNames` */
export function policyValue(weights: Weights, x: Tensor, head: string): Tensor {
  const hidden = silu(linear(x, weight(weights, `${head}.in`), weight(weights, `${head}.in.bias`)))
  const value = linear(hidden, weight(weights, `${head}.out`), weight(weights, `${head}.out.bias`))
  return reshape(value, x.shape.slice(0, -1))
}

/** The critic's values: of one head the shape of x without its last axis, of several [heads, ...] of that. */
export function policyValues(config: PolicyConfig, weights: Weights, x: Tensor): Tensor {
  const [first, ...others] = valueHeadNames(config).map((head) => policyValue(weights, x, head))
  if (first === undefined) throw new Error('a critic without a head')
  return others.length === 0
    ? first
    : concat(
        [first, ...others].map((value) => unsqueeze(value, 0)),
        0,
      )
}
