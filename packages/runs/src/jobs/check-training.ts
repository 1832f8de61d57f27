import { EXTERNAL_TRAINER, REWARD, TRAINER, type TrainingSettings } from '@dda-thinker/plugin-api'
import type { Assembly } from '@dda-thinker/core'
import { groupDivision } from './group-division.ts'
import { checkFilter } from './group-filter.ts'

/** The settings of a training that a configuration asks for. @param known what is not, or not yet, in it */
export function trainingSettings<K extends Partial<TrainingSettings>>(
  assembly: Assembly,
  known: K,
): TrainingSettings & K {
  const { filter, ...train } = assembly.config.train
  const streams = assembly.has(REWARD) ? (assembly.resolve(REWARD).streams ?? []) : []
  return { ...train, filter: filter !== undefined, streams, ...known }
}

/**
 * Refuses a training whose trainer, reward and settings do not fit together, whoever trains. Opens nothing and reads no data, so that
 * `dda config check` tells what `dda train` would.
 *
 * @throws DdaError `DDA_CONFIG_INVALID`, `DDA_REWARD_STREAMS`
 */
export async function checkTraining(
  assembly: Assembly,
  settings: TrainingSettings = trainingSettings(assembly, {}),
): Promise<void> {
  // Without a reward nothing can be said of its streams, and what is lacking a training tells by its key.
  if (assembly.has(EXTERNAL_TRAINER) && assembly.has(REWARD)) {
    await assembly.resolve(EXTERNAL_TRAINER).check(settings)
  }
  if (!assembly.has(TRAINER)) return
  const { filter, groupSize } = assembly.config.train
  if (filter !== undefined) checkFilter(filter, groupSize)
  const trainer = assembly.resolve(TRAINER)
  await trainer.check?.(settings)
  if (assembly.has(REWARD)) groupDivision(trainer, assembly.resolve(REWARD), groupSize)
}
