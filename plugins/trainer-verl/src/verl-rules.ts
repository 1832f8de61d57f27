import { withDefaults } from '@dda-thinker/plugin-api'
import type { IgnoredOptions } from '@dda-thinker/ppo-options'
import { verlOptions, type VerlOptions } from './options.ts'

const IGNORED: readonly IgnoredOptions<VerlOptions>[] = [
  {
    when: ({ advantage }) => advantage === 'grpo' || advantage === 'rloo',
    because: 'group baselines do not discount',
    options: ['gamma'],
    beside: ['advantage'],
  },
  {
    when: ({ advantage }) => advantage !== 'gae',
    because: '`advantage` is not gae, so there is no critic',
    options: ['lambda', 'critic', 'clip.value'],
    beside: ['advantage'],
  },
  {
    when: ({ kl }) => kl.place === 'off',
    because: '`kl.place` is off',
    options: ['kl.coefficient'],
    beside: ['kl.place'],
  },
]

/** What the options are settled by, and held to. */
export const verlRules = ({ model }: VerlOptions) => ({
  defaults: withDefaults<VerlOptions>(verlOptions, { model }),
  ignored: IGNORED,
  complete: (options: VerlOptions) => options,
})
