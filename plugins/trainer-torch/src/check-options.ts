import type { LayerOf } from '@dda-thinker/plugin-api'
import { checkTrainerOptions, settleTrainerOptions, type IgnoredOptions } from '@dda-thinker/ppo-options'
import { completeTrainerOptions, type GivenTrainerOptions, type TrainerOptions } from './options.ts'
import { SUPPORTS } from './supports.ts'

const critic = ({ advantage }: TrainerOptions): boolean => advantage === 'gae'

const IGNORED: readonly IgnoredOptions<TrainerOptions>[] = [
  {
    when: (options) => !critic(options),
    because: '`advantage` is not gae, so there is no critic',
    options: ['critic'],
    beside: ['advantage'],
  },
  {
    when: (options) => critic(options) && options.critic.kind === 'head',
    because: '`critic.kind` is head',
    options: ['critic.model'],
    beside: ['advantage', 'critic.kind'],
  },
  {
    when: (options) => critic(options) && options.critic.kind === 'model',
    because: '`critic.kind` is model, which shares no trunk',
    options: ['critic.detach'],
    beside: ['advantage', 'critic.kind'],
  },
  {
    when: ({ processes }) => processes === 1,
    because: '`processes` is 1',
    options: ['parallel'],
    beside: ['processes'],
  },
]

/** Options that a preset says and the project has robbed of their effect give way. */
export function settleTrainer<O extends GivenTrainerOptions>(given: O, layerOf: LayerOf): O {
  const defaults = completeTrainerOptions({ model: given.model })
  return settleTrainerOptions(given, { defaults, complete: completeTrainerOptions, ignored: IGNORED }, layerOf)
}

/**
 * Refuses options that would have no effect beside the others, and what does not fit together.
 * @throws DdaError `DDA_CONFIG_INVALID` naming all of them
 */
export function checkOptions(options: TrainerOptions): void {
  const { minPixels, maxPixels } = options
  const crossed = minPixels !== undefined && maxPixels !== undefined && minPixels > maxPixels
  checkTrainerOptions(options, {
    defaults: completeTrainerOptions({ model: options.model }),
    supports: SUPPORTS,
    ignored: IGNORED,
    problems: crossed ? [{ place: 'minPixels', problem: '`minPixels` is more than `maxPixels`' }] : [],
  })
}
