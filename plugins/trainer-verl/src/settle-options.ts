import { type LayerOf, withDefaults } from '@dda-thinker/plugin-api'
import { ignoredOptions, settleOptions, type IgnoredOptions, type OptionProblem } from '@dda-thinker/ppo-options'
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

const rules = ({ model }: VerlOptions) => ({
  defaults: withDefaults<VerlOptions>(verlOptions, { model }),
  ignored: IGNORED,
  complete: (options: VerlOptions) => options,
})

/** Options that a preset says and the project has robbed of their effect give way. */
export function settleVerlOptions(options: VerlOptions, layerOf: LayerOf): VerlOptions {
  return settleOptions(options, rules(options), layerOf)
}

/** Options that would have no effect beside the others. */
export function ignoredVerlOptions(options: VerlOptions): readonly OptionProblem[] {
  return ignoredOptions(options, rules(options))
}
