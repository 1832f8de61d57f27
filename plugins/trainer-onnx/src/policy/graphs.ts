import type { LossKlEstimator } from '@dda-thinker/plugin-api'
import {
  argMax,
  categorical,
  concat,
  detach,
  gradients,
  Graph,
  linear,
  mul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  unflatten,
  type Lowering,
  type Tensor,
} from '@dda-thinker/onnx-graph'
import { criticLoss, declareCriticInputs, declarePpoInputs, ppoLoss } from '../ppo/ppo-loss.ts'
import { valueHeads, type PolicyConfig } from './config.ts'
import {
  declarePrefix,
  declareWeights,
  embedPatches,
  embedWeights,
  policyLogits,
  policyValues,
  trunk,
  weight,
  type PrefixInputs,
  type Weights,
} from './model.ts'
import { parameterTable } from './parameters.ts'
import { patchLength } from './patches.ts'

/** Sizes that a graph is built for. */
export interface Bucket {
  /** Different prefixes: image and instruction. */
  readonly prefixes: number
  /** Plans of each prefix; rows u * perPrefix ... are those of prefix u. */
  readonly perPrefix: number
  /** Instruction tokens. */
  readonly prompt: number
  /** Plan tokens. */
  readonly plan: number
}

interface PlanPass {
  readonly weights: Weights
  readonly x: Tensor
  readonly logProb: Tensor
  readonly entropy: Tensor
  readonly value: Tensor
}

/** The forward pass over whole plans, which `score`, `train` and `imitate` share. */
function planPass(graph: Graph, config: PolicyConfig, bucket: Bucket, weights: Weights): PlanPass {
  const rows = bucket.prefixes * bucket.perPrefix
  const prefix: PrefixInputs = declarePrefix(graph, config, bucket.prefixes, bucket.prompt)
  const planInputs = graph.input('planInputs', [rows, bucket.plan], 'int32')
  const actions = graph.input('actions', [rows, bucket.plan], 'int32')
  const inverseTemperature = graph.input('inverseTemperature', [rows, 1, 1])
  const x = trunk(config, weights, prefix, planInputs)
  const { logProb, entropy } = categorical(policyLogits(weights, x, inverseTemperature), actions)
  return { weights, x, logProb, entropy, value: policyValues(config, weights, x) }
}

/** How a graph for inference is written. */
export interface InferenceOptions {
  readonly lowering?: Lowering
  /** Flat weights to put into the model; absent: every parameter is an input of its name. */
  readonly theta?: Float32Array
}

/** Inputs: weights, prefix, planInputs, actions, inverseTemperature. Outputs: logProb, value, entropy, each [B, T]; value [heads, B, T] of several. */
export function scoreGraph(config: PolicyConfig, bucket: Bucket, options: InferenceOptions = {}): Uint8Array {
  const graph = new Graph({ lowering: options.lowering ?? 'fast' })
  const { logProb, entropy, value } = planPass(graph, config, bucket, inferenceWeights(graph, config, options))
  graph.output('logProb', logProb)
  graph.output('value', value)
  graph.output('entropy', entropy)
  return graph.build()
}

export function inferenceWeights(graph: Graph, config: PolicyConfig, { theta }: InferenceOptions): Weights {
  return theta === undefined ? declareWeights(graph, config, false) : embedWeights(graph, config, theta)
}

/** The flat vector of weights as an input, and its parts. */
function flatWeights(graph: Graph, config: PolicyConfig): { theta: Tensor; weights: Weights } {
  const table = parameterTable(config)
  const theta = graph.parameter('theta', [table.reduce((sum, { size }) => sum + size, 0)])
  return { theta, weights: unflatten(theta, Object.fromEntries(table.map(({ name, shape }) => [name, shape]))) }
}

/**
 * One micro-batch of PPO: inputs of {@link scoreGraph} with `theta` for the weights, and `ppo.*`. Outputs: `gradient` of
 * the shape of theta, `stats` (see `PPO_STATS`).
 */
export function trainGraph(
  config: PolicyConfig,
  bucket: Bucket,
  loss: { readonly critic: boolean; readonly kl: boolean; readonly klEstimator: LossKlEstimator },
): Uint8Array {
  const graph = new Graph()
  const { theta, weights } = flatWeights(graph, config)
  const { logProb, entropy, value } = planPass(graph, config, bucket, weights)
  const shape = [bucket.prefixes * bucket.perPrefix, bucket.plan]
  const inputs = declarePpoInputs(graph, shape, { ...loss, valueHeads: valueHeads(config) })
  const policy = { logProbs: logProb, entropy, ...(loss.critic && { values: value }) }
  const { total, stats } = ppoLoss(policy, inputs, { klEstimator: loss.klEstimator })
  const [gradient] = gradients(total, [theta]) as [Tensor]
  graph.output('gradient', gradient)
  graph.output('stats', stats)
  return graph.build()
}

/**
 * One micro-batch of a critic with a network of its own. Inputs: `theta`, prefix, planInputs and those of `declareCriticInputs`.
 * Outputs: `gradient`, `stats` [2]: the value loss, and the weighted share of tokens whose clip decided.
 */
export function valueGraph(config: PolicyConfig, bucket: Bucket): Uint8Array {
  const graph = new Graph()
  const { theta, weights } = flatWeights(graph, config)
  const shape = [bucket.prefixes * bucket.perPrefix, bucket.plan]
  const prefix = declarePrefix(graph, config, bucket.prefixes, bucket.prompt)
  const x = trunk(config, weights, prefix, graph.input('planInputs', shape, 'int32'))
  const inputs = declareCriticInputs(graph, shape, valueHeads(config))
  const { loss, clipped } = criticLoss(policyValues(config, weights, x), inputs)
  const [gradient] = gradients(loss, [theta]) as [Tensor]
  graph.output('gradient', gradient)
  graph.output('stats', concat([reshape(detach(loss), [1]), reshape(detach(clipped), [1])], 0))
  return graph.build()
}

/** Classes that the encoder's pretraining can tell apart. */
export const MOST_CLASSES = 512

/** Names of the patch encoder's parameters, which are the first of the flat vector, in order. */
const ENCODER = ['patch.in', 'patch.in.bias', 'patch.out', 'patch.out.bias']

/** Weights of the encoder, and of it with the classifier of its pretraining. */
export function encoderSizes(config: PolicyConfig): { readonly encoder: number; readonly withClassifier: number } {
  const parts = parameterTable(config).filter(({ name }) => ENCODER.includes(name))
  const encoder = parts.reduce((sum, { size }) => sum + size, 0)
  return { encoder, withClassifier: encoder + config.width * MOST_CLASSES }
}

/**
 * The patch encoder as a classifier of what its patches show. Inputs: `theta` [encoder and classifier], `patches` uint8
 * [N, patch length], `labels` int32 [N]. Outputs: `gradient`, `stats` [1]: the mean cross-entropy; `predictions` int64 [N].
 */
export function pretrainGraph(config: PolicyConfig, patches: number): Uint8Array {
  const graph = new Graph()
  const theta = graph.parameter('theta', [encoderSizes(config).withClassifier])
  const table = parameterTable(config).filter(({ name }) => ENCODER.includes(name))
  const weights = unflatten(theta, {
    ...Object.fromEntries(table.map(({ name, shape }) => [name, shape])),
    classifier: [config.width, MOST_CLASSES],
  })
  const pixels = graph.input('patches', [patches, patchLength(config.image)], 'uint8')
  const labels = graph.input('labels', [patches], 'int32')
  const logits = linear(embedPatches(weights, pixels), weight(weights, 'classifier'))
  const loss = neg(reduceMean(categorical(logits, labels).logProb))
  const [gradient] = gradients(loss, [theta]) as [Tensor]
  graph.output('gradient', gradient)
  graph.output('stats', reshape(detach(loss), [1]))
  graph.output('predictions', argMax(detach(logits), 1))
  return graph.build()
}

/**
 * One micro-batch of imitation, -Σ weight · log π(token). Inputs of {@link scoreGraph} with `theta` for the weights, and
 * `labelWeights` [B, T]. Outputs: `gradient`, `stats` [2]: the loss and Σ weight · entropy.
 */
export function imitateGraph(config: PolicyConfig, bucket: Bucket): Uint8Array {
  const graph = new Graph()
  const { theta, weights } = flatWeights(graph, config)
  const { logProb, entropy } = planPass(graph, config, bucket, weights)
  const labelWeights = graph.input('labelWeights', [bucket.prefixes * bucket.perPrefix, bucket.plan])
  const loss = neg(reduceSum(mul(labelWeights, logProb)))
  const [gradient] = gradients(loss, [theta]) as [Tensor]
  graph.output('gradient', gradient)
  const share = reduceSum(mul(labelWeights, detach(entropy)))
  graph.output('stats', concat([reshape(detach(loss), [1]), reshape(share, [1])], 0))
  return graph.build()
}
