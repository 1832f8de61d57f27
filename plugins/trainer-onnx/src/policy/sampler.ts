import {
  add,
  and,
  argMax,
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
  less,
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
  splitAt,
  transpose,
  where,
  type Shape,
  type Tensor,
} from '@dda-thinker/onnx-graph'
import type { PolicyConfig } from './config.ts'
import { inferenceWeights, type Bucket, type InferenceOptions } from './graphs.ts'
import { declarePrefix, finishBlock, policyLogits, policyValue, weight, type Weights } from './model.ts'
import { patchCount } from './patches.ts'
import { declarePrefixCache, prefill, type KeyValues } from './prefix-cache.ts'
import { END_ID, READ_ONLY } from './vocabulary.ts'

/**
 * Tokens whose keys and values are kept apart before they join the long cache. Joining copies the cache, so it is done
 * once for so many tokens.
 */
const RECENT = 8

/**
 * Query, key and value weights of a block side by side, [width, 3 * width]: one product for a single token. The scale of
 * attention is in the query's, because the runtime is fast for products of a single row only if they have no factor.
 */
function joinedWeights(config: PolicyConfig, weights: Weights, block: number): Tensor {
  const { width, heads } = config
  const part = (name: string): Tensor =>
    reshape(transpose(weight(weights, `block.${block}.${name}`), [1, 0, 2]), [width, width])
  return concat([mul(part('query'), 1 / Math.sqrt(width / heads)), part('key'), part('value')], 1)
}

type State = Readonly<Record<string, Tensor>>

function of(state: State, name: string): Tensor {
  const tensor = state[name]
  if (tensor === undefined) throw new Error(`no state ${name}`)
  return tensor
}

/**
 * One token through the network.
 * @param x [B, width]
 * @param long prefix and older tokens, `k0`, `v0`, `k1`, ..., and their `mask` [B, 1, 1, length]
 * @param recent the newest tokens, by the same names
 * @param count of the recent tokens with this one: int64 [1]
 */
function step(
  config: PolicyConfig,
  weights: Weights,
  x: Tensor,
  long: State,
  recent: State,
  count: Tensor,
): { readonly x: Tensor; readonly recent: State } {
  const [batch = 0] = x.shape
  const { width, layers } = config
  const perHead = [batch, config.heads, 1, width / config.heads]
  const grown: Record<string, Tensor> = {}
  let stream = x
  for (let block = 0; block < layers; block++) {
    const joined = matmul(layerNorm(stream), joinedWeights(config, weights, block))
    const [q, k, v] = split(joined, [width, width, width], 1).map((part) => reshape(part, perHead)) as [
      Tensor,
      Tensor,
      Tensor,
    ]
    const keys = concat([of(recent, `k${block}`), k], 2)
    const values = concat([of(recent, `v${block}`), v], 2)
    grown[`k${block}`] = keys
    grown[`v${block}`] = values
    const toRecent = matmul(q, keys, { transB: true })
    const toLong = add(matmul(q, of(long, `k${block}`), { transB: true }), of(long, 'mask'))
    // The recent ones come first, where their place does not depend on the length of the long ones.
    const shares = softmax(concat([toRecent, toLong], 3))
    const [onRecent, onLong] = splitAt(shares, 3, count)
    const attended = add(matmul(onRecent, values), matmul(onLong, of(long, `v${block}`)))
    stream = finishBlock(weights, block, stream, reshape(attended, [batch, width]))
  }
  return { x: layerNorm(stream), recent: grown }
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

/** What a sampler reads besides the weights and the prefix; the names of its inputs. */
interface Chances {
  /** [T, B] in [0, 1) */
  readonly uniforms: Tensor
  /** [B, 1, 1] */
  readonly inverseTemperature: Tensor
  /** bool [B] */
  readonly greedy: Tensor
  /** bool [B]; rows that only fill the batch are not active. */
  readonly active: Tensor
}

function declareChances(graph: Graph, { prefixes: batch, plan }: Bucket): Chances {
  return {
    uniforms: graph.input('uniforms', [plan, batch]),
    inverseTemperature: graph.input('inverseTemperature', [batch, 1, 1]),
    greedy: graph.input('greedy', [batch], 'bool'),
    active: graph.input('active', [batch], 'bool'),
  }
}

/**
 * Whole plans in one call: reads the prefix once, then a Loop with a key-value cache that ends when all plans have ended.
 *
 * Inputs: weights, prefix, `uniforms` [T, B], `inverseTemperature` [B, 1, 1], `greedy` and `active` (bool [B]; rows that
 * only fill the batch are not active). Outputs, each [steps, B] with steps <= T: `tokens` (int32, `<pad>` after the end),
 * `logProb`, `value` of the first head (0 after the end).
 * Every row has a prefix of its own (`perPrefix` of the bucket is not used): what a row gives must not depend on the
 * company it keeps.
 */
export function sampleGraph(config: PolicyConfig, bucket: Bucket, options: InferenceOptions = {}): Uint8Array {
  const graph = new Graph({ lowering: options.lowering ?? 'fast' })
  const weights = inferenceWeights(graph, config, options)
  const inputs = declarePrefix(graph, config, bucket.prefixes, bucket.prompt)
  const chances = declareChances(graph, bucket)
  return plans(graph, config, weights, prefill(config, weights, inputs), inputs.prefixMask, chances)
}

/** As {@link sampleGraph}, for prefixes that `prefillGraph` has read: its outputs are inputs here, beside `prefixMask`. */
export function continueGraph(config: PolicyConfig, bucket: Bucket): Uint8Array {
  const graph = new Graph()
  const weights = inferenceWeights(graph, config, {})
  const prefix = declarePrefixCache(graph, config, bucket)
  const mask = graph.input('prefixMask', [bucket.prefixes, patchCount(config.image) + bucket.prompt])
  return plans(graph, config, weights, prefix, mask, declareChances(graph, bucket))
}

/** The loop over tokens: an outer one over chunks of {@link RECENT}, at whose end the cache grows, and one inside. */
function plans(
  graph: Graph,
  config: PolicyConfig,
  weights: Weights,
  prefix: readonly KeyValues[],
  prefixMask: Tensor,
  { uniforms, inverseTemperature, greedy, active }: Chances,
): Uint8Array {
  const [plan = 0, batch = 0] = uniforms.shape
  const prefixLength = prefixMask.shape[1] ?? 0
  const headSize = config.width / config.heads
  const temper = reshape(inverseTemperature, [batch, 1])
  const start = config.emittable + READ_ONLY.indexOf('<bos>')
  const pad = config.emittable + READ_ONLY.indexOf('<pad>')
  const masks = concat(
    [
      reshape(prefixMask, [batch, 1, 1, prefixLength]),
      graph.constant(new Float32Array(batch * plan), [batch, 1, 1, plan]),
    ],
    3,
  )
  const caches = prefix.flatMap((_, block) => [`k${block}`, `v${block}`])
  const cacheShape: Shape = [batch, config.heads, DYNAMIC, headSize]
  const none = graph.constant([], [batch, config.heads, 0, headSize])
  const goesOn = (running: Tensor, position: Tensor): Tensor =>
    and(greater(reduceMax(cast(running, 'float32')), 0), less(position, graph.scalar(plan, 'int64')))

  /** Up to {@link RECENT} tokens. */
  const chunk = (state: State) => {
    const { graph: outer } = of(state, 'token')
    const length = add(of(state, 'position'), graph.scalar(prefixLength, 'int64'))
    const [mask] = splitAt(masks, 3, reshape(length, [1]))
    const long = { ...state, mask }
    return loop(outer, {
      trips: RECENT,
      state: {
        token: of(state, 'token'),
        running: of(state, 'running'),
        position: of(state, 'position'),
        ...record(caches, () => none),
      },
      shapes: record(caches, () => cacheShape),
      body: ({ iteration, state: inner }) => {
        const [running, position] = [of(inner, 'running'), of(inner, 'position')]
        const count = reshape(add(iteration, graph.scalar(1, 'int64')), [1])
        const embedded = add(
          embedding(weight(weights, 'token'), of(inner, 'token')),
          gather(weight(weights, 'plan.position'), position),
        )
        const { x, recent } = step(config, weights, embedded, long, inner, count)
        const drawn = draw(policyLogits(weights, x, temper), gather(uniforms, position), greedy)
        const counts = cast(running, 'float32')
        const token = where(running, drawn.token, pad)
        const stays = and(running, not(equal(drawn.token, END_ID)))
        const next = add(position, graph.scalar(1, 'int64'))
        return {
          state: { token, running: stays, position: next, ...recent },
          scans: {
            tokens: token,
            logProb: mul(drawn.logProb, counts),
            value: mul(policyValue(weights, x, 'value'), counts),
          },
          proceed: goesOn(stays, next),
        }
      },
    })
  }

  const collected = ['tokens', 'logProb', 'value'] as const
  const { state: done } = loop(graph, {
    trips: Math.ceil(plan / RECENT),
    state: {
      token: graph.constant(new Int32Array(batch).fill(start), [batch], 'int32'),
      running: active,
      position: graph.scalar(0, 'int64'),
      ...Object.fromEntries(
        prefix.flatMap(({ k, v }, block) => [
          [`k${block}`, k],
          [`v${block}`, v],
        ]),
      ),
      ...record(collected, (name) => graph.constant([], [0, batch], name === 'tokens' ? 'int32' : 'float32')),
    },
    shapes: { ...record(caches, () => cacheShape), ...record(collected, () => [DYNAMIC, batch]) },
    body: ({ state }) => {
      const { state: after, scans } = chunk(state)
      const [running, position] = [of(after, 'running'), of(after, 'position')]
      return {
        state: {
          token: of(after, 'token'),
          running,
          position,
          ...record(caches, (name) => concat([of(state, name), of(after, name)], 2)),
          ...record(collected, (name) => concat([of(state, name), scans[name]], 0)),
        },
        scans: {},
        proceed: goesOn(running, position),
      }
    },
  })
  for (const name of collected) graph.output(name, of(done, name))
  return graph.build()
}

function record<K extends string, T>(names: readonly K[], make: (name: K) => T): Record<K, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, T>
}
