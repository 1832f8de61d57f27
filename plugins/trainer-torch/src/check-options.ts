import { checkTrainerOptions, type IgnoredOptions } from '@dda-thinker/ppo-options'
import { completeTrainerOptions, type TrainerOptions } from './options.ts'
import { SUPPORTS } from './supports.ts'

const critic = ({ advantage }: TrainerOptions): boolean => advantage === 'gae'

const IGNORED: readonly IgnoredOptions<TrainerOptions>[] = [
  {
    when: (options) => !critic(options),
    because: '`advantage` is not gae, so there is no critic',
    options: ['critic'],
  },
  {
    when: (options) => critic(options) && options.critic.kind === 'head',
    because: '`critic.kind` is head',
    options: ['critic.model'],
  },
  {
    when: (options) => critic(options) && options.critic.kind === 'model',
    because: '`critic.kind` is model, which shares no trunk',
    options: ['critic.detach'],
  },
  { when: ({ processes }) => processes === 1, because: '`processes` is 1', options: ['parallel'] },
]

/**
 * Refuses options that would have no effect beside the others, unless a preset alone says them, and what does not fit together.
 * @param isInherited does an option stand as a preset or the schema has it? Default: none does
 * @returns the options to train by: what gave way is at its default
 * @throws DdaError `DDA_CONFIG_INVALID` naming all of them
 */
export function checkOptions(options: TrainerOptions, isInherited?: (option: string) => boolean): TrainerOptions {
  const { minPixels, maxPixels } = options
  const crossed = minPixels !== undefined && maxPixels !== undefined && minPixels > maxPixels
  return checkTrainerOptions(options, {
    defaults: completeTrainerOptions({ model: options.model }),
    supports: SUPPORTS,
    ignored: IGNORED,
    problems: crossed ? [{ place: 'minPixels', problem: '`minPixels` is more than `maxPixels`' }] : [],
    isInherited,
  })
}
