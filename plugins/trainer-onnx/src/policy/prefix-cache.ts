import { attention, Graph, layerNorm, transpose, unsqueeze, type Tensor } from '@dda-thinker/onnx-graph'
import type { PolicyConfig } from './config.ts'
import { inferenceWeights, type Bucket, type InferenceOptions } from './graphs.ts'
import { declarePrefix, embedPrefix, finishBlock, heads, type PrefixInputs, type Weights } from './model.ts'
import { patchCount } from './patches.ts'

/** Keys and values of one block, each [B, heads, length, head size]. */
export interface KeyValues {
  readonly k: Tensor
  readonly v: Tensor
}

/** Keys and values of the prefix in every block. */
export function prefill(config: PolicyConfig, weights: Weights, inputs: PrefixInputs): KeyValues[] {
  let stream = embedPrefix(weights, inputs)
  const mask = unsqueeze(inputs.prefixMask, 1)
  const cache: KeyValues[] = []
  for (let block = 0; block < config.layers; block++) {
    const x = layerNorm(stream)
    const [k, v] = heads(weights, block, x, ['key', 'value']) as [Tensor, Tensor]
    cache.push({ k: transpose(k, [1, 0, 2, 3]), v: transpose(v, [1, 0, 2, 3]) })
    if (block + 1 === config.layers) break
    const [q] = heads(weights, block, x, ['query']) as [Tensor]
    stream = finishBlock(weights, block, stream, attention(q, k, v, { mask }))
  }
  return cache
}

/** Names of the tensors that carry a prefix from {@link prefillGraph} to a sampler: `prefix.k0`, `prefix.v0`, `prefix.k1`, ... */
export function prefixNames(config: PolicyConfig): string[] {
  return Array.from({ length: config.layers }, (_, block) => [`prefix.k${block}`, `prefix.v${block}`]).flat()
}

/** Numbers of each of {@link prefixNames} for one prefix. */
export function prefixSize(config: PolicyConfig, promptLength: number): number {
  return (patchCount(config.image) + promptLength) * config.width
}

/** Inputs: weights and prefix. Outputs: {@link prefixNames}, each [prefixes, heads, length, head size]. */
export function prefillGraph(config: PolicyConfig, bucket: Bucket, options: InferenceOptions = {}): Uint8Array {
  const graph = new Graph({ lowering: options.lowering ?? 'fast' })
  const weights = inferenceWeights(graph, config, options)
  const cache = prefill(config, weights, declarePrefix(graph, config, bucket.prefixes, bucket.prompt))
  for (const [block, { k, v }] of cache.entries()) {
    graph.output(`prefix.k${block}`, k)
    graph.output(`prefix.v${block}`, v)
  }
  return graph.build()
}

/** Declares what {@link prefillGraph} gives as inputs. */
export function declarePrefixCache(graph: Graph, config: PolicyConfig, bucket: Bucket): KeyValues[] {
  const length = patchCount(config.image) + bucket.prompt
  const shape = [bucket.prefixes, config.heads, length, config.width / config.heads]
  return Array.from({ length: config.layers }, (_, block) => ({
    k: graph.input(`prefix.k${block}`, shape),
    v: graph.input(`prefix.v${block}`, shape),
  }))
}
