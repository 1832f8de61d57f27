import { statWeights, tokenWeights } from '../ppo/aggregate.ts'
import { explainedVariance, StatsAccumulator, summary } from '../ppo/metrics.ts'
import { criticFeeds, ppoFeeds, type PpoCoefficients } from '../ppo/ppo-feeds.ts'
import { PPO_STATS, type PpoStat } from '../ppo/stats.ts'
import { criticOffset } from '../policy/parameters.ts'
import type { ScoredPlan, Scorer, UpdateRow, UpdateStreams } from '../protocol/plan-rows.ts'
import type { LearnerSettings } from '../protocol/settings.ts'
import type { Metrics } from '../protocol/worker-protocol.ts'
import { aborted, type Cancelled } from './cancellation.ts'
import { type CriticPasses, criticPasses } from './critic-passes.ts'
import { criticWeights, miniBatchMask } from './critic-weights.ts'
import type { GradientStep } from './gradient-step.ts'
import type { LearnerState } from './learner-state.ts'
import { rateStretches } from './rate-stretches.ts'
import { bundleRows, bundlesPerCall, chunks, evenly, packPlans, toSlots, type Bundle } from './rows.ts'
import { stepTables, type StepTables } from './step-tables.ts'

const APPROX_KL = PPO_STATS.indexOf('approxKl')

/** What an update works on. */
interface Update {
  readonly settings: LearnerSettings
  /** Evaluates the rows under the policy or the critic as it stands, or under the reference. */
  readonly score: (which: Scorer) => Promise<readonly ScoredPlan[]>
  readonly gradient: GradientStep
  /** Of a critic with a network of its own. */
  readonly criticGradient: GradientStep | undefined
  readonly state: LearnerState
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
  const ownCritic = settings.critic !== undefined
  const tables = await stepTables(rows, update.streams, ppo, coefficient, update.score, ownCritic)
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
  const critic = await ownPasses(update, tables)
  const kl = summary(tables.kl, tables.mask).mean
  if (ppo.kl.place !== 'off') state.controller.observe(kl, rows.length)
  state.updates++
  return {
    ...report(tables, rows, passes, critic),
    ...(ppo.kl.place !== 'off' && { 'kl/reference': kl, 'kl/coefficient': coefficient }),
  }
}

/** Of a critic with a network of its own; undefined where there is none, or no head of it learns in this step. */
async function ownPasses(update: Update, tables: StepTables): Promise<CriticPasses | undefined> {
  const { settings, state, criticGradient: gradient } = update
  if (settings.critic === undefined || gradient === undefined) return undefined
  if (tables.critics.every((critic) => critic === undefined)) return undefined
  const shuffle = (count: number): readonly number[] => [...state.shuffle.permutation(count)]
  return criticPasses(settings, settings.critic, { ...update, gradient, shuffle }, tables)
}

/** What happened in the epochs of a step. */
interface Passes {
  readonly stats: Readonly<Record<PpoStat, number>>
  /** Optimiser steps taken. */
  readonly steps: number
  /** Mean norms of the gradients before clipping: of the policy, its trunk included, and of the value heads. */
  readonly norm: number
  readonly criticNorm: number
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
  const criticAt = criticOffset(config)
  let [norms, criticNorms, steps, rate] = [0, 0, 0, 0]
  for (let epoch = 0; epoch < ppo.epochs; epoch++) {
    const shuffled = state.shuffle.permutation(bundles.length).map((i) => bundles[i] as Bundle)
    for (const miniBatch of evenly(shuffled, miniBatches)) {
      const approxKl = await accumulate(update, tables, coefficients, { gradient, stats, perPrefix, miniBatch })
      stats.endMiniBatch()
      const applied = gradient.apply(ppo.learningRate, ppo.maxGradientNorm, stretches, criticAt)
      norms += applied.norm
      criticNorms += applied.criticNorm
      rate = applied.rate
      steps++
      if (ppo.stopKl !== null && approxKl > ppo.stopKl) {
        return {
          stats: stats.result(),
          steps,
          norm: norms / steps,
          criticNorm: criticNorms / steps,
          rate,
          stopped: true,
        }
      }
    }
  }
  return { stats: stats.result(), steps, norm: norms / steps, criticNorm: criticNorms / steps, rate, stopped: false }
}

/**
 * The gradient of one mini-batch, in as many micro-batches as it takes; the loss is the same however it is cut.
 * @returns the mini-batch's approximate KL.
 */
async function accumulate(
  { settings, images, rows, cancelled }: Update,
  tables: StepTables,
  coefficients: PpoCoefficients,
  work: {
    readonly gradient: GradientStep
    readonly stats: StatsAccumulator
    readonly perPrefix: number
    readonly miniBatch: readonly Bundle[]
  },
): Promise<number> {
  const { ppo, config, microBatch, critic: ownCritic } = settings
  const { columns } = tables.grid
  const mask = miniBatchMask(tables, work.miniBatch.flat())
  const policyWeights = tokenWeights({ ...tables.grid, mask }, ppo.aggregation, config.maxPlan)
  const shares = statWeights({ ...tables.grid, mask })
  const valueWeights = criticWeights(tables, mask)
  let approxKl = 0
  await work.gradient.accumulate(
    chunks(work.miniBatch, bundlesPerCall(microBatch, work.perPrefix)),
    (micro) => {
      if (cancelled()) throw aborted()
      const packed = packPlans(settings, work.perPrefix, micro, rows, images)
      const cut = (table: Float64Array): Float64Array => toSlots(table, columns, packed)
      const batch = {
        mask: cut(tables.mask),
        oldLogProbs: cut(tables.old),
        advantages: cut(tables.advantages),
        policyWeights: cut(policyWeights),
        statWeights: cut(shares),
        ...(ppo.kl.place === 'loss' && { refLogProbs: cut(tables.reference) }),
      }
      const shared = ownCritic === undefined && tables.critics.length > 0
      const critic = shared && {
        ...criticFeeds(tables.critics, valueWeights, cut, batch.mask, coefficients.valueClip),
        'ppo.vfCoef': Float32Array.of(coefficients.vfCoef),
      }
      return {
        kind: 'train',
        bucket: packed.bucket,
        feeds: { ...packed.feeds, ...ppoFeeds(batch, coefficients), ...critic },
      }
    },
    (part) => {
      work.stats.add(part)
      approxKl += part[APPROX_KL] ?? 0
    },
  )
  return approxKl
}

/** How well the critic does: of every head that learns, and the mean of them. */
function reportCritic(
  critics: StepTables['critics'],
  stats: Pick<CriticPasses, 'valueLoss' | 'valueClipFraction'>,
  own: CriticPasses | undefined,
): Metrics {
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
    ...(own !== undefined && { 'value/gradient-norm': own.norm, 'value/learning-rate': own.rate }),
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

function report(
  tables: StepTables,
  rows: readonly UpdateRow[],
  { stats, ...passes }: Passes,
  critic: CriticPasses | undefined,
): Metrics {
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
    ...reportCritic(tables.critics, critic ?? stats, critic),
    ...(tables.critics.length > 0 && critic === undefined && { 'value/gradient-norm': passes.criticNorm }),
    ...(tables.importance !== undefined && {
      'importance/mean': summary(tables.importance, mask).mean,
      'importance/max': summary(tables.importance, mask).max,
    }),
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
