import { criticFeeds } from '../ppo/ppo-feeds.ts'
import { aborted, type Cancelled } from './cancellation.ts'
import { criticWeights, miniBatchMask } from './critic-weights.ts'
import type { GradientStep } from './gradient-step.ts'
import { bundleRows, bundlesPerCall, chunks, evenly, packPlans, toSlots, type Bundle } from './rows.ts'
import type { StepTables } from './step-tables.ts'
import type { UpdateRow } from '../protocol/plan-rows.ts'
import type { CriticSettings, LearnerSettings } from '../protocol/settings.ts'

/** What a critic with a network of its own learns in a step. */
export interface CriticPasses {
  readonly valueLoss: number
  readonly valueClipFraction: number
  /** Mean norm of the gradients before clipping. */
  readonly norm: number
  readonly rate: number
}

/** Passes of the critic alone over the rollouts of a step, after the policy's: the step's own advantages come from the critic before. */
export async function criticPasses(
  settings: LearnerSettings,
  { passes, learningRate, maxGradientNorm }: CriticSettings,
  work: {
    readonly gradient: GradientStep
    readonly images: readonly Uint8Array[]
    readonly rows: readonly UpdateRow[]
    readonly shuffle: (count: number) => readonly number[]
    readonly cancelled: Cancelled
  },
  tables: StepTables,
): Promise<CriticPasses> {
  const { config, microBatch, ppo } = settings
  const { gradient, rows } = work
  const { perPrefix, bundles } = bundleRows(config, rows)
  const miniBatches = Math.max(1, Math.round((bundles.length * perPrefix) / ppo.miniBatch))
  const { columns } = tables.grid
  let [loss, clipped, norms, rate, steps] = [0, 0, 0, 0, 0]
  for (let pass = 0; pass < passes; pass++) {
    const shuffled = work.shuffle(bundles.length).map((i) => bundles[i] as Bundle)
    for (const miniBatch of evenly(shuffled, miniBatches)) {
      const weights = criticWeights(tables, miniBatchMask(tables, miniBatch.flat()))
      await gradient.accumulate(
        chunks(miniBatch, bundlesPerCall(microBatch, perPrefix)),
        (micro) => {
          if (work.cancelled()) throw aborted()
          const packed = packPlans(settings, perPrefix, micro, rows, work.images)
          const { actions: _actions, inverseTemperature: _scale, ...feeds } = packed.feeds
          const cut = (table: Float64Array): Float64Array => toSlots(table, columns, packed)
          const batch = criticFeeds(tables.critics, weights, cut, cut(tables.mask), ppo.valueClip ?? undefined)
          return { kind: 'value', bucket: packed.bucket, feeds: { ...feeds, ...batch } }
        },
        (stats) => {
          loss += stats[0] ?? 0
          clipped += stats[1] ?? 0
        },
      )
      const applied = gradient.apply(learningRate, maxGradientNorm)
      norms += applied.norm
      rate = applied.rate
      steps++
    }
  }
  return { valueLoss: loss / steps, valueClipFraction: clipped / steps, norm: norms / steps, rate }
}
