import type { TrainingSettings } from '@dda-thinker/plugin-api'
import { errors } from './errors.ts'
import type { PpoOptions } from './ppo-options.ts'

/**
 * Refuses settings of a run that leave the baseline nobody to compare a plan with: every advantage would be 0, or the option ignored.
 * @throws DdaError `DDA_CONFIG_INVALID`
 */
export function checkTrainingSettings(
  { advantage, groupCentre }: Pick<PpoOptions, 'advantage' | 'groupCentre'>,
  { groupSize }: Pick<TrainingSettings, 'groupSize'>,
): void {
  if (groupSize > 1) return
  const compares =
    advantage === 'grpo' || advantage === 'rloo'
      ? `\`advantage\` ${advantage}`
      : advantage === 'gae' && groupCentre !== 'off' && `\`groupCentre\` ${groupCentre}`
  if (compares === false) return
  throw errors.make('DDA_CONFIG_INVALID/groups-of-one', { compares }, { location: 'train.groupSize' })
}
