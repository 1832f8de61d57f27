import type { LayerOf } from '@dda-thinker/plugin-api'
import { checkTrainerOptions, settleTrainerOptions, type IgnoredOptions } from '@dda-thinker/ppo-options'
import { completeTrainerOptions, hasOwnCritic, type PartialTrainerOptions, type TrainerOptions } from './options.ts'
import { SUPPORTS } from './supports.ts'

const IGNORED: readonly IgnoredOptions<TrainerOptions>[] = [
  {
    when: ({ threads, samplingThreads }) => Math.max(threads, samplingThreads ?? 1) === 1,
    because: 'an operator has one thread, which waits for no other',
    options: ['spin'],
    beside: ['threads', 'samplingThreads'],
  },
  {
    when: ({ advantage }) => advantage !== 'gae',
    because: '`advantage` is not gae, so there is no critic',
    options: ['rateFactors.critic', 'critic'],
    beside: ['advantage'],
  },
  {
    when: ({ advantage, critic }) => advantage === 'gae' && critic.kind === 'head',
    because: '`critic.kind` is head',
    options: ['critic.passes', 'critic.learningRate', 'critic.maxGradientNorm'],
    beside: ['advantage', 'critic.kind'],
  },
  {
    when: hasOwnCritic,
    because: '`critic.kind` is trunk, which shares nothing with the policy',
    options: ['rateFactors.critic', 'valueCoefficient'],
    beside: ['advantage', 'critic.kind'],
  },
]

/** Options that a preset says and the project has robbed of their effect give way. */
export function settleTrainer<O extends PartialTrainerOptions>(given: O, layerOf: LayerOf): O {
  const defaults = completeTrainerOptions({})
  return settleTrainerOptions(given, { defaults, complete: completeTrainerOptions, ignored: IGNORED }, layerOf)
}

/**
 * Refuses options that would have no effect beside the others, and what does not fit together.
 * @throws DdaError `DDA_CONFIG_INVALID` naming all of them
 */
export function checkOptions(options: TrainerOptions): void {
  checkTrainerOptions(options, { defaults: completeTrainerOptions({}), supports: SUPPORTS, ignored: IGNORED })
}
