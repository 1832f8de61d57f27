import type { Difficulty } from '@dda-thinker/plugin-api'
import { orderCurriculum, spread } from './curriculum.ts'
import type { MeasuredColumns } from './measured.ts'
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

export type Band = Pick<DifficultyOptions, 'minMean' | 'maxMean' | 'minPassRate' | 'maxPassRate' | 'minStd'>

export interface OrderDecision {
  /** Of the sample, in the columns. */
  readonly place: number
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
 * The decisions on samples within the band, kept ones last and in curriculum order. Pure, like {@link outOfBand}, so that another band or
 * order over the same rollouts needs no new ones.
 *
 * @param seed of an order that draws
 */
export function* decideOrder(
  samples: MeasuredColumns,
  { perStratum = samples.size, order }: Pick<DifficultyOptions, 'perStratum' | 'order'>,
  seed: number,
): Iterable<OrderDecision> {
  const strata = samples.strata()
  const chosen = strata.map((members) => spread(members, perStratum))
  const stays = new Uint8Array(samples.size)
  for (const members of chosen) for (const place of members) stays[place] = 1
  for (let place = 0; place < samples.size; place += 1) {
    if (stays[place] === 0) yield { place, kept: false, reason: REASONS.surplus }
  }
  const idOf = (place: number) => samples.id(place)
  const within = order === 'rising-quantile' ? (some: Uint32Array) => risingQuantile(some, idOf, seed) : undefined
  for (const place of orderCurriculum(chosen, within)) yield { place, kept: true, reason: REASONS.kept }
}
