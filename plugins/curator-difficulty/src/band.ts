import type { Difficulty } from '@dda-thinker/plugin-api'
import { orderCurriculum, spread } from './curriculum.ts'
import type { Measured } from './measured.ts'
import type { DifficultyOptions } from './options.ts'
import { risingQuantile } from './rising-quantile.ts'

/** Why a sample is kept or dropped; few and fixed, so that they can be counted. */
export const REASONS = {
  kept: 'within the band',
  heldOut: 'held out, passed through untried',
  failed: 'every rollout failed, so nothing was measured',
  hard: 'too hard: mean reward below minMean',
  easy: 'too easy: mean reward above maxMean',
  seldom: 'too hard: pass rate below minPassRate',
  often: 'too easy: pass rate above maxPassRate',
  flat: 'no spread: rewards differ by less than minStd',
  surplus: 'over perStratum',
} as const

export type Band = Pick<
  DifficultyOptions,
  'minMean' | 'maxMean' | 'minPassRate' | 'maxPassRate' | 'minStd' | 'perStratum'
> &
  Partial<Pick<DifficultyOptions, 'order'>>

export interface BandDecision {
  readonly sample: Measured
  readonly kept: boolean
  readonly reason: string
}

/** What of one sample speaks against keeping it, whatever the others are like. */
export function outOfBand(difficulty: Difficulty | undefined, band: Band): string | undefined {
  if (difficulty === undefined) return REASONS.failed
  const { mean, std, solved } = difficulty
  if (band.minMean !== undefined && mean < band.minMean) return REASONS.hard
  if (band.maxMean !== undefined && mean > band.maxMean) return REASONS.easy
  if (band.minPassRate !== undefined && solved < band.minPassRate) return REASONS.seldom
  if (band.maxPassRate !== undefined && solved > band.maxPassRate) return REASONS.often
  return std < band.minStd ? REASONS.flat : undefined
}

/**
 * The decisions on samples that were measured, kept ones last and in curriculum order: a pure function, so that another band over the
 * same rollouts needs no new ones.
 *
 * @param seed of an order that draws
 */
export function decide(samples: readonly Measured[], band: Band, seed = 0): readonly BandDecision[] {
  const dropped: BandDecision[] = []
  const learnable: Measured[] = []
  for (const sample of samples) {
    const reason = outOfBand(sample.difficulty, band)
    if (reason === undefined) learnable.push(sample)
    else dropped.push({ sample, kept: false, reason })
  }
  const chosen = spread(learnable, band.perStratum ?? learnable.length)
  for (const sample of learnable) {
    if (!chosen.has(sample)) dropped.push({ sample, kept: false, reason: REASONS.surplus })
  }
  const within =
    band.order === 'rising-quantile' ? (some: readonly Measured[]) => risingQuantile(some, seed) : undefined
  const kept = orderCurriculum(
    learnable.filter((sample) => chosen.has(sample)),
    within,
  )
  return [...dropped, ...kept.map((sample) => ({ sample, kept: true, reason: REASONS.kept }))]
}
