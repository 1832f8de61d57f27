import { checkTrainerOptions, type IgnoredOptions } from '@dda-thinker/ppo-options'
import { completeTrainerOptions, hasOwnCritic, type TrainerOptions } from './options.ts'
import { SUPPORTS } from './supports.ts'

const IGNORED: readonly IgnoredOptions<TrainerOptions>[] = [
  {
    when: ({ threads, samplingThreads }) => Math.max(threads, samplingThreads ?? 1) === 1,
    because: 'an operator has one thread, which waits for no other',
    options: ['spin'],
  },
  {
    when: ({ advantage }) => advantage !== 'gae',
    because: '`advantage` is not gae, so there is no critic',
    options: ['rateFactors.critic', 'critic'],
  },
  {
    when: ({ advantage, critic }) => advantage === 'gae' && critic.kind === 'head',
    because: '`critic.kind` is head',
    options: ['critic.passes', 'critic.learningRate', 'critic.maxGradientNorm'],
  },
  {
    when: hasOwnCritic,
    because: '`critic.kind` is trunk, which shares nothing with the policy',
    options: ['rateFactors.critic', 'valueCoefficient'],
  },
]

/**
 * Refuses options that would have no effect beside the others, unless a preset alone says them, and what does not fit together.
 * @param isInherited does an option stand as a preset or the schema has it? Default: none does
 * @returns the options to train by: what gave way is at its default
 * @throws DdaError `DDA_CONFIG_INVALID` naming all of them
 */
export function checkOptions(options: TrainerOptions, isInherited?: (option: string) => boolean): TrainerOptions {
  const defaults = completeTrainerOptions({})
  return checkTrainerOptions(options, { defaults, supports: SUPPORTS, ignored: IGNORED, isInherited })
}
