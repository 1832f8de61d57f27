import type { LossKlEstimator } from '@dda-thinker/plugin-api'
import {
  abs,
  add,
  and,
  cast,
  clip,
  concat,
  detach,
  exp,
  greater,
  less,
  max,
  min,
  mul,
  neg,
  reduceMax,
  reduceSum,
  reshape,
  square,
  sub,
  type Graph,
  type Shape,
  type Tensor,
} from '@dda-thinker/onnx-graph'
import { K3_LIMIT, LOG_RATIO_LIMIT } from './kl.ts'
import { PPO_STATS, type PpoStat } from './stats.ts'

/** What the step's rollouts and settings feed into the loss; per-token tensors share one shape, scalars have shape []. */
export interface PpoInputs {
  readonly oldLogProbs: Tensor
  readonly advantages: Tensor
  /** Weight of each token in the policy loss, the entropy bonus and the KL loss; see `tokenWeights`. */
  readonly policyWeights: Tensor
  /** 1 / tokens of the mini-batch, 0 where masked. */
  readonly statWeights: Tensor
  readonly clipLow: Tensor
  readonly clipHigh: Tensor
  readonly dualClip: Tensor
  readonly entropyCoefficient: Tensor
  readonly critic?: CriticInputs & { readonly coefficient: Tensor }
  readonly kl?: { readonly referenceLogProbs: Tensor; readonly coefficient: Tensor }
}

/** What the critic's loss reads: per-token tensors of the shape of its values, and a scalar. */
export interface CriticInputs {
  readonly returns: Tensor
  readonly oldValues: Tensor
  readonly valueWeights: Tensor
  readonly valueClip: Tensor
}

/**
 * Declares the loss's graph inputs, named `ppo.*`; `ppoFeeds` makes the values for them.
 * @param shape of every per-token input, for example [tokens] or [rows, columns]; those of a critic with several heads are
 * [heads, ...shape].
 */
export function declarePpoInputs(
  graph: Graph,
  shape: Shape,
  parts: { readonly critic: boolean; readonly kl: boolean; readonly valueHeads?: number },
): PpoInputs {
  const { valueHeads = 1 } = parts
  const token = (name: string): Tensor => graph.input(`ppo.${name}`, shape)
  const scalar = (name: string): Tensor => graph.input(`ppo.${name}`, [])
  return {
    oldLogProbs: token('oldLogProbs'),
    advantages: token('advantages'),
    policyWeights: token('policyWeights'),
    statWeights: token('statWeights'),
    clipLow: scalar('clipLow'),
    clipHigh: scalar('clipHigh'),
    dualClip: scalar('dualClip'),
    entropyCoefficient: scalar('entCoef'),
    ...(parts.critic && {
      critic: { ...declareCriticInputs(graph, shape, valueHeads), coefficient: scalar('vfCoef') },
    }),
    ...(parts.kl && { kl: { referenceLogProbs: token('refLogProbs'), coefficient: scalar('klCoef') } }),
  }
}

/** Declares what the critic's loss reads; `criticFeeds` makes the values for it. @param shape of every per-token input */
export function declareCriticInputs(graph: Graph, shape: Shape, valueHeads: number): CriticInputs {
  const value = (name: string): Tensor => graph.input(`ppo.${name}`, valueHeads === 1 ? shape : [valueHeads, ...shape])
  return {
    returns: value('returns'),
    oldValues: value('oldValues'),
    valueWeights: value('valueWeights'),
    valueClip: graph.input('ppo.valueClip', []),
  }
}

/** What the network computes for the tokens of a micro-batch, each of the per-token shape. */
export interface NewPolicy {
  readonly logProbs: Tensor
  /** Absent: the entropy statistic is 0 and there is no bonus. */
  readonly entropy?: Tensor
  /** Required where the inputs have a critic, in the shape of its returns. */
  readonly values?: Tensor
}

/**
 * The PPO loss of a micro-batch: clipped surrogate (Schulman et al. 2017, equation 7) with separate bounds (DAPO) and
 * dual clip (Ye et al. 2020, equation 5), clipped value loss, entropy bonus, KL to the reference.
 *
 * total = Σ w·policy + vfCoef·Σ v·value − entCoef·Σ w·entropy + klCoef·Σ w·kl
 *
 * Every token brings its own weight, computed over the whole mini-batch, so the totals and gradients of micro-batches add
 * up to those of the mini-batch.
 */
export function ppoLoss(
  policy: NewPolicy,
  inputs: PpoInputs,
  options: { readonly klEstimator: LossKlEstimator },
): { readonly total: Tensor; readonly stats: Tensor } {
  const surrogate = policyTerm(policy.logProbs, inputs)
  const weighted = (token: Tensor): Tensor => reduceSum(mul(inputs.policyWeights, token))
  const share = (token: Tensor): Tensor => reduceSum(mul(inputs.statWeights, token))

  const policyLoss = weighted(surrogate.loss)
  let total = policyLoss
  const stats: Partial<Record<PpoStat, Tensor>> = {
    policyLoss,
    clipFraction: share(surrogate.clipped),
    lowerClipFraction: share(surrogate.lowerClipped),
    approxKl: share(neg(surrogate.logRatio)),
    ratioMean: share(surrogate.ratio),
    ratioMax: reduceMax(detach(mul(surrogate.ratio, flag(greater(inputs.statWeights, 0))))),
  }
  if (inputs.critic !== undefined && policy.values !== undefined) {
    const { loss, clipped } = criticLoss(policy.values, inputs.critic)
    stats.valueLoss = loss
    stats.valueClipFraction = clipped
    total = add(total, mul(inputs.critic.coefficient, loss))
  }
  if (policy.entropy !== undefined) {
    const entropy = weighted(policy.entropy)
    stats.entropy = entropy
    total = sub(total, mul(inputs.entropyCoefficient, entropy))
  }
  if (inputs.kl !== undefined) {
    const kl = weighted(klTerm(policy.logProbs, inputs.kl.referenceLogProbs, options.klEstimator))
    stats.kl = kl
    total = add(total, mul(inputs.kl.coefficient, kl))
  }
  const zero = total.graph.scalar(0)
  return {
    total,
    stats: concat(
      PPO_STATS.map((name) => reshape(detach(stats[name] ?? zero), [1])),
      0,
    ),
  }
}

/** Weighted sums over tokens: the value loss, and where its clip decided. */
export function criticLoss(values: Tensor, inputs: CriticInputs): { readonly loss: Tensor; readonly clipped: Tensor } {
  const { loss, clipped } = valueTerm(values, inputs)
  const weighted = (token: Tensor): Tensor => reduceSum(mul(inputs.valueWeights, token))
  return { loss: weighted(loss), clipped: weighted(clipped) }
}

/** Token losses of the clipped surrogate and what there is to report about them. */
function policyTerm(
  logProbs: Tensor,
  { oldLogProbs, advantages, clipLow, clipHigh, dualClip }: PpoInputs,
): Readonly<Record<'loss' | 'ratio' | 'logRatio' | 'clipped' | 'lowerClipped', Tensor>> {
  const logRatio = clip(sub(logProbs, oldLogProbs), -LOG_RATIO_LIMIT, LOG_RATIO_LIMIT)
  const ratio = exp(logRatio)
  const cost = neg(advantages)
  const free = mul(cost, ratio)
  const bounded = mul(cost, clip(ratio, sub(1, clipLow), add(1, clipHigh)))
  const pessimistic = max(free, bounded)
  // Dual clip bounds the loss of a bad token whose ratio ran away; it is for negative advantages alone.
  const negative = flag(less(advantages, 0))
  const ceiling = mul(cost, dualClip)
  const dual = min(pessimistic, ceiling)
  return {
    loss: add(mul(negative, dual), mul(sub(1, negative), pessimistic)),
    ratio,
    logRatio,
    clipped: flag(greater(detach(bounded), detach(free))),
    lowerClipped: flag(and(greater(detach(pessimistic), ceiling), less(advantages, 0))),
  }
}

/** Half the larger of the squared errors of the value and of the value held near the old one (Huang et al., detail 9). */
function valueTerm(
  values: Tensor,
  { returns, oldValues, valueClip }: CriticInputs,
): Readonly<Record<'loss' | 'clipped', Tensor>> {
  const held = min(max(values, sub(oldValues, valueClip)), add(oldValues, valueClip))
  const free = square(sub(values, returns))
  const bounded = square(sub(held, returns))
  return { loss: mul(max(free, bounded), 0.5), clipped: flag(greater(detach(bounded), detach(free))) }
}

/** Token-wise KL estimate with Δ = reference − policy; the values are those of `klValues`. */
export function klTerm(logProbs: Tensor, referenceLogProbs: Tensor, estimator: LossKlEstimator): Tensor {
  return KL_TERMS[estimator](sub(referenceLogProbs, logProbs))
}

const KL_TERMS: Readonly<Record<LossKlEstimator, (delta: Tensor) => Tensor>> = {
  k1: neg,
  abs,
  k2: (delta) => mul(square(delta), 0.5),
  k3: (delta) => {
    const bounded = clip(delta, -LOG_RATIO_LIMIT, LOG_RATIO_LIMIT)
    return clip(sub(sub(exp(bounded), bounded), 1), -K3_LIMIT, K3_LIMIT)
  },
  'k3+': (delta) => {
    const k2 = KL_TERMS.k2(delta)
    return add(k2, detach(sub(KL_TERMS.k3(delta), k2)))
  },
}

function flag(condition: Tensor): Tensor {
  return cast(condition, 'float32')
}
