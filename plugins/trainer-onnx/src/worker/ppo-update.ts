import { statWeights, tokenWeights } from '../ppo/aggregate.ts'
import { explainedVariance, StatsAccumulator, summary } from '../ppo/metrics.ts'
import { ppoFeeds, type PpoCoefficients } from '../ppo/ppo-feeds.ts'
import { PPO_STATS, type PpoStat } from '../ppo/stats.ts'
import type { ScoredPlan, UpdateRow, UpdateStreams } from '../protocol/plan-rows.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import type { Metrics } from '../protocol/worker-protocol.ts'
import { aborted, type Cancelled } from './cancellation.ts'
import type { GradientStep } from './gradient-step.ts'
import type { LearnerState } from './learner-state.ts'
import { rateStretches } from './rate-stretches.ts'
import { bundleRows, bundlesPerCall, chunks, evenly, packPlans, toSlots, type Bundle } from './rows.ts'
import type { Sessions } from './sessions.ts'
import { stepTables, type CriticTable, type StepTables } from './step-tables.ts'

const APPROX_KL = PPO_STATS.indexOf('approxKl')

/** What an update works on. */
interface Update {
  readonly settings: LearnerSettings
  /** Evaluates the rows under the policy as it stands, or under the reference. */
  readonly score: (which: 'policy' | 'reference') => Promise<readonly ScoredPlan[]>
  readonly gradient: GradientStep
  readonly state: LearnerState
  readonly sessions: Sessions
  readonly images: readonly Uint8Array[]
  readonly rows: readonly UpdateRow[]
  readonly streams: UpdateStreams | undefined
  readonly cancelled: Cancelled
}

/**
 * One step of PPO (Schulman et al. 2017): rewards less the KL to the reference policy, advantages, then epochs over
 * shuffled mini-batches of whole plans.
 */
export async function ppoUpdate(update: Update): Promise<Metrics> {
  const { settings, state, rows, cancelled } = update
  const { ppo } = settings
  const coefficient = state.controller.coefficient
  const tables = await stepTables(rows, update.streams, ppo, coefficient, update.score)
  if (cancelled()) throw aborted()
  const passes = await runEpochs(update, tables, {
    clipLow: ppo.clipLow,
    clipHigh: ppo.clipHigh,
    ...(ppo.dualClip !== null && { dualClip: ppo.dualClip }),
    ...(ppo.valueClip !== null && { valueClip: ppo.valueClip }),
    vfCoef: ppo.valueCoefficient,
    entCoef: ppo.entropyCoefficient,
    klCoef: coefficient,
  })
  const kl = summary(tables.kl, tables.mask).mean
  if (ppo.kl.place !== 'off') state.controller.observe(kl, rows.length)
  state.updates++
  return {
    ...report(tables, rows, passes),
    ...(ppo.kl.place !== 'off' && { 'kl/reference': kl, 'kl/coefficient': coefficient }),
  }
}

/** What happened in the epochs of a step. */
interface Passes {
  readonly stats: Readonly<Record<PpoStat, number>>
  /** Optimiser steps taken. */
  readonly steps: number
  /** Mean norm of the gradients before clipping. */
  readonly norm: number
  /** Learning rate of the last step. */
  readonly rate: number
  /** Whether the approximate KL ended them early. */
  readonly stopped: boolean
}

/** Epochs over mini-batches. Plans of one prefix stay together, because they share its computation. */
async function runEpochs(update: Update, tables: StepTables, coefficients: PpoCoefficients): Promise<Passes> {
  const { settings, state, gradient, rows } = update
  const { ppo, config } = settings
  const stats = new StatsAccumulator()
  const { perPrefix, bundles } = bundleRows(config, rows)
  // Of nearly equal size: a small rest would be a step as large as the others from far less evidence.
  const miniBatches = Math.max(1, Math.round((bundles.length * perPrefix) / ppo.miniBatch))
  for (const { tokens } of rows) for (const token of tokens) state.said.add(token)
  const stretches = rateStretches(config, ppo.rateFactors, state.said)
  let [norms, steps, rate] = [0, 0, 0]
  for (let epoch = 0; epoch < ppo.epochs; epoch++) {
    const shuffled = state.shuffle.permutation(bundles.length).map((i) => bundles[i] as Bundle)
    for (const miniBatch of evenly(shuffled, miniBatches)) {
      const approxKl = await accumulate(update, tables, coefficients, { gradient, stats, perPrefix, miniBatch })
      stats.endMiniBatch()
      const applied = gradient.apply(ppo.learningRate, ppo.maxGradientNorm, stretches)
      norms += applied.norm
      rate = applied.rate
      steps++
      if (ppo.stopKl !== null && approxKl > ppo.stopKl) {
        return { stats: stats.result(), steps, norm: norms / steps, rate, stopped: true }
      }
    }
  }
  return { stats: stats.result(), steps, norm: norms / steps, rate, stopped: false }
}

/**
 * The gradient of one mini-batch, in as many micro-batches as it takes; the loss is the same however it is cut.
 * @returns the mini-batch's approximate KL.
 */
async function accumulate(
  { settings, sessions, images, rows, cancelled }: Update,
  tables: StepTables,
  coefficients: PpoCoefficients,
  work: {
    readonly gradient: GradientStep
    readonly stats: StatsAccumulator
    readonly perPrefix: number
    readonly miniBatch: readonly Bundle[]
  },
): Promise<number> {
  const { ppo, config, microBatch } = settings
  const { columns } = tables.grid
  // Weights of the rows in this mini-batch; all others are masked.
  const mask = new Float64Array(tables.mask.length)
  for (const row of work.miniBatch.flat()) {
    mask.set(tables.mask.subarray(row * columns, (row + 1) * columns), row * columns)
  }
  const policyWeights = tokenWeights({ ...tables.grid, mask }, ppo.aggregation, config.maxPlan)
  const shares = statWeights({ ...tables.grid, mask })
  const valueWeights = criticWeights(tables, mask)
  let approxKl = 0
  for (const micro of chunks(work.miniBatch, bundlesPerCall(microBatch, work.perPrefix))) {
    if (cancelled()) throw aborted()
    const packed = packPlans(settings, work.perPrefix, micro, rows, images)
    const cut = (table: Float64Array): Float64Array => toSlots(table, columns, packed)
    const none = new Float64Array(tables.mask.length)
    const byHead = (of: (critic: CriticTable, head: number) => Float64Array | undefined): Float64Array =>
      joined(tables.critics.map((critic, head) => cut((critic && of(critic, head)) ?? none)))
    const batch = {
      mask: cut(tables.mask),
      oldLogProbs: cut(tables.old),
      advantages: cut(tables.advantages),
      policyWeights: cut(policyWeights),
      statWeights: cut(shares),
      ...(ppo.kl.place === 'loss' && { refLogProbs: cut(tables.reference) }),
      ...(tables.critics.length > 0 && {
        returns: byHead(({ returns }) => returns),
        oldValues: byHead(({ values }) => values),
        valueWeights: byHead((_, head) => valueWeights[head]),
      }),
    }
    const session = await sessions.get('train', packed.bucket)
    const part = await work.gradient.accumulate(session, { ...packed.feeds, ...ppoFeeds(batch, coefficients) })
    work.stats.add(part)
    approxKl += part[APPROX_KL] ?? 0
  }
  return approxKl
}

/**
 * Of each head's tokens in a mini-batch. A head's loss is a mean over tokens whatever the policy's is, as in verl; the critic's the
 * mean over the heads that learn, so that its coefficient does not depend on how many there are.
 */
function criticWeights({ grid, critics }: StepTables, mask: Float64Array): readonly Float64Array[] {
  const learning = critics.filter((critic) => critic !== undefined).length
  return critics.map((critic) => {
    const own = mask.map((bit, cell) => (critic?.mask[cell] === 1 ? bit : 0))
    return own.includes(1) ? statWeights({ ...grid, mask: own }).map((weight) => weight / learning) : own
  })
}

function joined(tables: readonly Float64Array[]): Float64Array {
  return Float64Array.from(tables.flatMap((table) => [...table]))
}

/** How well the critic does: of every head that learns, and the mean of them. */
function reportCritic(critics: StepTables['critics'], stats: Passes['stats']): Metrics {
  if (critics.length === 0) return {}
  const learning = critics.filter((critic) => critic !== undefined)
  const explained = learning.flatMap(({ values, returns, mask, stream }) => {
    const share = explainedVariance(values, returns, mask)
    return share === undefined ? [] : [{ stream, share }]
  })
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
  return {
    'value/loss': stats.valueLoss,
    'value/clip-fraction': stats.valueClipFraction,
    ...(learning.length > 0 && {
      'value/mean': mean(learning.map(({ values, mask }) => summary(values, mask).mean)),
    }),
    ...(explained.length > 0 && { 'value/explained-variance': mean(explained.map(({ share }) => share)) }),
    ...Object.fromEntries(
      explained.flatMap(({ stream, share }) => {
        return stream === undefined ? [] : [[`value/explained-variance/${stream}`, share]]
      }),
    ),
  }
}

function report(tables: StepTables, rows: readonly UpdateRow[], { stats, ...passes }: Passes): Metrics {
  const { mask } = tables
  const totals = summary(rows.map((row) => row.rewards.reduce((a, b) => a + b, 0)))
  const advantages = summary(tables.advantages, mask)
  return {
    'policy/loss': stats.policyLoss,
    'policy/entropy': stats.entropy,
    'policy/clip-fraction': stats.clipFraction,
    'policy/lower-clip-fraction': stats.lowerClipFraction,
    'policy/ratio-max': stats.ratioMax,
    'policy/ratio-mean': stats.ratioMean,
    'kl/approx': stats.approxKl,
    ...reportCritic(tables.critics, stats),
    'advantage/mean': advantages.mean,
    'advantage/std': advantages.std,
    'reward/mean': totals.mean,
    'reward/std': totals.std,
    'gradient/norm': passes.norm,
    'learning-rate': passes.rate,
    'update/steps': passes.steps,
    'update/stopped-early': passes.stopped ? 1 : 0,
    rollouts: rows.length,
    tokens: summary(mask, mask).count,
  }
}
