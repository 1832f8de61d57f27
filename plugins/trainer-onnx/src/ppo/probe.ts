import {
  contractErrors,
  placeRewards,
  type LossKlEstimator,
  type LossOutput,
  type Matrix,
  type PolicyLossInput,
  type TrainerProbe,
  type ValueLossInput,
} from '@dda-thinker/plugin-api'
import { gradients, Graph, OnnxSession, reduceSum, type SessionOptions, type Tensor } from '@dda-thinker/onnx-graph'
import { errors } from '../errors.ts'
import { statWeights, tokenWeights } from './aggregate.ts'
import { gae } from './gae.ts'
import type { TokenGrid } from './grid.ts'
import { groupAdvantages } from './group-baseline.ts'
import { KlController } from './kl-controller.ts'
import { explainedVariance } from './metrics.ts'
import { ppoFeeds, type PpoBatch, type PpoCoefficients } from './ppo-feeds.ts'
import { declarePpoInputs, klTerm, ppoLoss } from './ppo-loss.ts'
import { klInReward } from './kl-in-reward.ts'
import { PPO_STATS, type PpoStat } from './stats.ts'
import { stepAdvantages } from './step-advantages.ts'
import { whiten } from './whiten.ts'

/**
 * The trainer's maths behind plain arrays: the same functions that an update calls, and for losses the same ONNX
 * sub-graph with gradients by the same differentiation, built for the shape at hand and run.
 */
export function createProbe(options: SessionOptions = {}): TrainerProbe {
  return {
    async gae({ rewards, values, mask, gamma, lambda }) {
      const grid = gridOf(mask)
      const result = gae(grid, { rewards: flat(rewards, grid), values: flat(values, grid), gamma, lambda })
      return { advantages: rowsOf(result.advantages, grid), returns: rowsOf(result.returns, grid) }
    },
    async whiten({ values, mask, variance, shiftMean }) {
      const grid = gridOf(mask)
      return rowsOf(whiten(flat(values, grid), grid.mask, { variance, shiftMean }), grid)
    },
    policyLoss: (input) => probePolicy(input, options),
    valueLoss: (input) => probeValue(input, options),
    kl: ({ logProbs, referenceLogProbs, estimator }) => probeKl(logProbs, referenceLogProbs, estimator, options),
    async klInReward({ scores, kl, coefficient }) {
      return [...klInReward(scores, kl, coefficient)]
    },
    async adaptiveKl({ initial, target, horizon, batch, observed }) {
      const controller = new KlController({ kind: 'adaptive', initial, target, horizon })
      return observed.map((kl) => {
        controller.observe(kl, batch)
        return controller.coefficient
      })
    },
    async groupAdvantages({ rewards, estimator }) {
      return [...groupAdvantages(rewards, estimator)]
    },
    async advantages({ rewards, kl, klCoefficient, values, mask, groups, tokens, streams, ...settings }) {
      const grid = gridOf(mask)
      const tables = { rewards: flat(rewards, grid), kl: flat(kl, grid), values: flat(values, grid) }
      const parts = (streams?.parts ?? []).map((part) => {
        return { ...part, rewards: flat(part.rewards, grid), values: part.values && flat(part.values, grid) }
      })
      const step = { ...tables, coefficient: klCoefficient, streams: streams && { mode: streams.mode, parts } }
      const result = stepAdvantages(grid, step, { groups, tokens }, settings)
      const returns = result.returns && rowsOf(result.returns, grid)
      const streamReturns = result.streamReturns?.map((one) => one && rowsOf(one, grid))
      return { advantages: rowsOf(result.advantages, grid), returns, streamReturns }
    },
    async placeRewards({ plan, reward }) {
      return placeRewards(plan, reward)
    },
    async explainedVariance({ values, returns }) {
      const result = explainedVariance(values, returns)
      if (result === undefined) {
        throw contractErrors.make('DDA_VARIANCE_ZERO')
      }
      return result
    },
  }
}

async function probePolicy(input: PolicyLossInput, options: SessionOptions): Promise<LossOutput> {
  const grid = gridOf(input.mask)
  const { gradient, loss, stats } = await runLoss({
    grid,
    options,
    subject: 'logProbs',
    start: flat(input.logProbs, grid),
    batch: {
      oldLogProbs: flat(input.oldLogProbs, grid),
      advantages: flat(input.advantages, grid),
      policyWeights: tokenWeights(grid, input.aggregation, grid.columns),
    },
    coefficients: {
      clipLow: input.clipLow,
      clipHigh: input.clipHigh,
      ...(input.dualClip !== undefined && { dualClip: input.dualClip }),
    },
  })
  const { clipFraction, lowerClipFraction, approxKl, ratioMax } = stats
  return { loss, gradient, metrics: { clipFraction, lowerClipFraction, approxKl, ratioMax } }
}

async function probeValue(input: ValueLossInput, options: SessionOptions): Promise<LossOutput> {
  const grid = gridOf(input.mask)
  const { gradient, loss, stats } = await runLoss({
    grid,
    options,
    subject: 'values',
    start: flat(input.predictions, grid),
    batch: {
      returns: flat(input.returns, grid),
      oldValues: flat(input.oldValues, grid),
      valueWeights: tokenWeights(grid, 'token-mean', grid.columns),
    },
    coefficients: { vfCoef: 1, ...(input.clip !== undefined && { valueClip: input.clip }) },
  })
  return { loss, gradient, metrics: { clipFraction: stats.valueClipFraction } }
}

/** The whole PPO loss with everything zero but what is asked for, and its gradient by one of its inputs. */
async function runLoss(input: {
  readonly grid: TokenGrid
  readonly options: SessionOptions
  readonly subject: 'logProbs' | 'values'
  readonly start: Float64Array
  readonly batch: Partial<PpoBatch>
  readonly coefficients: Partial<PpoCoefficients>
}): Promise<{ readonly loss: number; readonly gradient: Matrix; readonly stats: Readonly<Record<PpoStat, number>> }> {
  const { grid, subject, batch } = input
  const { rows, columns, mask } = grid
  const zero = new Float64Array(rows * columns)
  const critic = subject === 'values'
  const graph = new Graph()
  const wrt = graph.parameter(subject, [rows, columns])
  const logProbs = critic ? graph.input('logProbs', [rows, columns]) : wrt
  const inputs = declarePpoInputs(graph, [rows, columns], { critic, kl: false })
  const { total, stats } = ppoLoss({ logProbs, ...(critic && { values: wrt }) }, inputs, { klEstimator: 'k3' })
  output(graph, { total, stats, gradient: gradients(total, [wrt])[0] as Tensor })
  const feeds = ppoFeeds(
    { mask, oldLogProbs: zero, advantages: zero, policyWeights: zero, statWeights: statWeights(grid), ...batch },
    { clipLow: 0, clipHigh: 0, vfCoef: 0, entCoef: 0, klCoef: 0, ...input.coefficients },
  )
  const start = Float32Array.from(mask, (bit, i) => (bit === 0 ? 0 : (input.start[i] as number)))
  const result = await runOnce(graph, { ...feeds, logProbs: new Float32Array(zero), [subject]: start }, input.options)
  return {
    loss: result('total')[0] as number,
    gradient: rowsOf(result('gradient'), grid),
    stats: Object.fromEntries(PPO_STATS.map((name, i) => [name, result('stats')[i]])) as Record<PpoStat, number>,
  }
}

async function probeKl(
  logProbs: readonly number[],
  referenceLogProbs: readonly number[],
  estimator: LossKlEstimator,
  options: SessionOptions,
): Promise<{ readonly values: readonly number[]; readonly gradient: readonly number[] }> {
  const graph = new Graph()
  const policy = graph.parameter('logProbs', [logProbs.length])
  const values = klTerm(policy, graph.input('refLogProbs', [logProbs.length]), estimator)
  output(graph, { values, gradient: gradients(reduceSum(values), [policy])[0] as Tensor })
  const feeds = { logProbs: Float32Array.from(logProbs), refLogProbs: Float32Array.from(referenceLogProbs) }
  const result = await runOnce(graph, feeds, options)
  return { values: [...result('values')], gradient: [...result('gradient')] }
}

function output(graph: Graph, tensors: Readonly<Record<string, Tensor>>): void {
  for (const [name, tensor] of Object.entries(tensors)) graph.output(name, tensor)
}

async function runOnce(
  graph: Graph,
  feeds: Readonly<Record<string, Float32Array>>,
  options: SessionOptions,
): Promise<(name: string) => Float32Array> {
  const session = await OnnxSession.create(graph.build(), options)
  try {
    const known = Object.entries(feeds).filter(([name]) => session.inputs[name] !== undefined)
    const outputs = await session.run(Object.fromEntries(known))
    return (name) => outputs[name]?.data as Float32Array
  } finally {
    await session.release()
  }
}

function gridOf(mask: Matrix): TokenGrid {
  const grid = { rows: mask.length, columns: mask[0]?.length ?? 0 }
  return { ...grid, mask: flat(mask, grid) }
}

function flat(matrix: Matrix, { rows, columns }: { readonly rows: number; readonly columns: number }): Float64Array {
  if (matrix.length !== rows || matrix.some((row) => row.length !== columns)) {
    throw errors.make('DDA_GRID_SHAPE/matrices', { rows, columns })
  }
  return Float64Array.from(matrix.flat())
}

function rowsOf(values: ArrayLike<number>, { rows, columns }: TokenGrid): Matrix {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => values[row * columns + column] as number),
  )
}
