import type { Difficulty, Sample } from '@dda-thinker/plugin-api'

/** What decisions and order depend on. The sample itself lies on the shelf, under its ticket. */
export interface Measured {
  readonly id: string
  readonly stratum: string
  readonly ticket: number
  /** `undefined` where every rollout failed: nothing was measured. */
  readonly difficulty: Difficulty | undefined
}

/** What strata are made by. */
export type Strata = 'subtask' | 'category' | 'none'

/** The group of samples that a sample is ordered and counted in. */
export function stratumOf({ category, subtask }: Sample, strata: Strata): string {
  if (strata === 'none') return ''
  return strata === 'category' ? category : `${category}/${subtask ?? ''}`
}
