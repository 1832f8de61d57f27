import type { GroupCentre } from '@dda-thinker/plugin-api'
import { gae } from './gae.ts'
import type { TokenGrid } from './grid.ts'
import { centreAdvantages, type GroupRows } from './group-centre.ts'
import { whiten } from './whiten.ts'

/** What GAE and what comes after it are set by. */
export interface CriticSettings {
  readonly gamma: number
  readonly lambda: number
  readonly whiten: boolean
  /** Whose mean advantage is subtracted before whitening. */
  readonly groupCentre: GroupCentre
  readonly whitenVariance: 'biased' | 'unbiased'
}

/** GAE, centred in the group and whitened where so set; returns are those of before. All [rows, columns]. */
export function criticAdvantages(
  grid: TokenGrid,
  given: { readonly rewards: Float64Array; readonly values: Float64Array },
  rows: GroupRows,
  settings: CriticSettings,
): { readonly advantages: Float64Array; readonly returns: Float64Array } {
  const { gamma, lambda, whitenVariance: variance } = settings
  const { advantages, returns } = gae(grid, { ...given, gamma, lambda })
  const centred = centreAdvantages(advantages, grid, rows, settings.groupCentre)
  return { advantages: settings.whiten ? whiten(centred, grid.mask, { variance }) : centred, returns }
}
