import {
  add,
  and,
  argMax,
  attention,
  cast,
  concat,
  cumSum,
  DYNAMIC,
  embedding,
  equal,
  exp,
  gather,
  gatherElements,
  Graph,
  greater,
  layerNorm,
  lessOrEqual,
  logSoftmax,
  loop,
  matmul,
  min,
  mul,
  not,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  softmax,
  split,
  transpose,
  unsqueeze,
  where,
  type Tensor,
} from '../onnx/index.ts'
import type { PolicyConfig } from './config.ts'
import { inferenceWeights, type Bucket, type InferenceOptions } from './graphs.ts'
import {
  declarePrefix,
  embedPrefix,
  finishBlock,
  heads,
  policyLogits,
  policyValue,
  weight,
  type PrefixInputs,
  type Weights,
} from './model.ts'
import { END_ID, READ_ONLY } from './vocabulary.ts'

/** Keys and values of one block, each [B, heads, length, head size]. */
interface KeyValues {
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

/** Query, key and value weights of a block side by side, [width, 3 * width]: one product for a single token. */
function joinedWeights(config: PolicyConfig, weights: Weights, block: number): Tensor {
  const parts = ['query', 'key', 'value'].map((part) =>
    reshape(transpose(weight(weights, `block.${block}.${part}`), [1, 0, 2]), [config.width, config.width]),
  )
  return concat(parts, 1)
}

/** Keys and values of the plan so far, by name `k0`, `v0`, `k1`, ... */
type Cache = Readonly<Record<string, Tensor>>

/**
 * One token through the network.
 * @param x [B, width]
 * @param mask [B, 1, 1, prefix]
 */
function step(
  config: PolicyConfig,
  weights: Weights,
  x: Tensor,
  prefix: readonly KeyValues[],
  mask: Tensor,
  before: Cache,
): { readonly x: Tensor; readonly cache: Cache } {
  const [batch = 0] = x.shape
  const { width, layers } = config
  const perHead = [batch, config.heads, 1, width / config.heads]
  const scores = { transB: true, alpha: 1 / Math.sqrt(width / config.heads) }
  const cache: Record<string, Tensor> = {}
  let stream = x
  for (let block = 0; block < layers; block++) {
    const joined = matmul(layerNorm(stream), joinedWeights(config, weights, block))
    const [q, k, v] = split(joined, [width, width, width], 1).map((part) => reshape(part, perHead)) as [
      Tensor,
      Tensor,
      Tensor,
    ]
    const keys = concat([before[`k${block}`] as Tensor, k], 2)
    const values = concat([before[`v${block}`] as Tensor, v], 2)
    cache[`k${block}`] = keys
    cache[`v${block}`] = values
    // The prefix stays where it is: joining it to the plan's cache would copy it for every token.
    const { k: prefixKeys, v: prefixValues } = prefix[block] as KeyValues
    const length = prefixKeys.shape[2] ?? 0
    const onPrefix = add(matmul(q, prefixKeys, scores), mask)
    const shares = softmax(concat([onPrefix, matmul(q, keys, scores)], 3))
    const attended = add(matmul(slice(shares, 3, 0, length), prefixValues), matmul(slice(shares, 3, length), values))
    stream = finishBlock(weights, block, stream, reshape(attended, [batch, width]))
  }
  return { x: layerNorm(stream), cache }
}

/**
 * Draws from logits by the inverse of the cumulative distribution.
 * @param logits [B, V]
 * @param uniform [B] in [0, 1)
 * @param greedy bool [B]: take the most probable instead
 * @returns int32 [B] and the log-probability [B]
 */
export function draw(logits: Tensor, uniform: Tensor, greedy: Tensor): { token: Tensor; logProb: Tensor } {
  const [batch = 0, count = 0] = logits.shape
  const logProbs = logSoftmax(logits)
  const cumulative = cumSum(exp(logProbs), 1)
  // Rounding may leave the last sum beside 1, so the uniform is measured against it.
  const level = mul(reshape(uniform, [batch, 1]), slice(cumulative, 1, count - 1))
  const below = reduceSum(cast(lessOrEqual(cumulative, level), 'float32'), [1])
  const drawn = cast(min(below, count - 1), 'int32')
  const token = where(greedy, cast(argMax(logits, 1), 'int32'), drawn)
  const logProb = reshape(gatherElements(logProbs, reshape(token, [batch, 1]), 1), [batch])
  return { token, logProb }
}

/**
 * Whole plans in one call: reads the prefix once, then a Loop with a key-value cache that ends when all plans have ended.
 *
 * Inputs: weights, prefix, `uniforms` [T, B], `inverseTemperature` [B, 1, 1], `greedy` and `active` (bool [B]; rows that
 * only fill the batch are not active). Outputs, each [steps, B] with steps <= T: `tokens` (int32, `<pad>` after the end),
 * `logProb`, `value` (0 after the end).
 * Every row has a prefix of its own (`perPrefix` of the bucket is not used): what a row gives must not depend on the
 * company it keeps.
 */
export function sampleGraph(config: PolicyConfig, bucket: Bucket, options: InferenceOptions = {}): Uint8Array {
  const { prefixes: batch, plan } = bucket
  const graph = new Graph({ lowering: options.lowering ?? 'fast' })
  const weights = inferenceWeights(graph, config, options)
  const inputs = declarePrefix(graph, config, batch, bucket.prompt)
  const uniforms = graph.input('uniforms', [plan, batch])
  const inverseTemperature = graph.input('inverseTemperature', [batch, 1, 1])
  const greedy = graph.input('greedy', [batch], 'bool')
  const active = graph.input('active', [batch], 'bool')

  const start = config.emittable + READ_ONLY.indexOf('<bos>')
  const pad = config.emittable + READ_ONLY.indexOf('<pad>')
  const headSize = config.width / config.heads
  const prefix = prefill(config, weights, inputs)
  const initial: Record<string, Tensor> = {
    token: graph.constant(new Int32Array(batch).fill(start), [batch], 'int32'),
    running: active,
  }
  const shapes: Record<string, readonly number[]> = {}
  const none = graph.constant([], [batch, config.heads, 0, headSize])
  for (const name of prefix.flatMap((_, block) => [`k${block}`, `v${block}`])) {
    initial[name] = none
    shapes[name] = [batch, config.heads, DYNAMIC, headSize]
  }
  const mask = reshape(inputs.prefixMask, [batch, 1, 1, inputs.prefixMask.shape[1] ?? 0])
  const temper = reshape(inverseTemperature, [batch, 1])
  const { scans } = loop(graph, {
    trips: plan,
    state: initial,
    shapes,
    body: ({ iteration, state }) => {
      const token = state['token'] as Tensor
      const running = state['running'] as Tensor
      const position = gather(weight(weights, 'plan.position'), iteration)
      const embedded = add(embedding(weight(weights, 'token'), token), position)
      const { x, cache } = step(config, weights, embedded, prefix, mask, state)
      const drawn = draw(policyLogits(weights, x, temper), gather(uniforms, iteration), greedy)
      const counts = cast(running, 'float32')
      const next = where(running, drawn.token, pad)
      const goesOn = and(running, not(equal(drawn.token, END_ID)))
      return {
        state: { token: next, running: goesOn, ...cache },
        scans: {
          tokens: next,
          logProb: mul(drawn.logProb, counts),
          value: mul(policyValue(weights, x), counts),
        },
        proceed: greater(reduceMax(cast(goesOn, 'float32')), 0),
      }
    },
  })
  graph.output('tokens', scans.tokens)
  graph.output('logProb', scans.logProb)
  graph.output('value', scans.value)
  return graph.build()
}
