import { withDefaults } from '@dda-thinker/plugin-api'
import { settleOptions, type IgnoredOptions } from '@dda-thinker/ppo-options'
import { verlOptions, type VerlOptions } from './options.ts'

const IGNORED: readonly IgnoredOptions<VerlOptions>[] = [
  {
    when: ({ advantage }) => advantage === 'grpo' || advantage === 'rloo',
    because: 'group baselines do not discount',
    options: ['gamma'],
  },
  {
    when: ({ advantage }) => advantage !== 'gae',
    because: '`advantage` is not gae, so there is no critic',
    options: ['lambda', 'critic', 'clip.value'],
  },
  { when: ({ kl }) => kl.place === 'off', because: '`kl.place` is off', options: ['kl.coefficient'] },
]

/** Options that would have no effect beside the others: problems, or back at their defaults where a preset alone says them. */
export function settleVerlOptions(options: VerlOptions, isInherited?: (option: string) => boolean) {
  const defaults = withDefaults<VerlOptions>(verlOptions, { model: options.model })
  return settleOptions(options, { defaults, ignored: IGNORED, isInherited })
}
