import { type LayerOf, withDefaults } from '@dda-thinker/plugin-api'
import { ignoredOptions, settleOptions, type IgnoredOptions, type OptionProblem } from '@dda-thinker/ppo-options'
import { trlOptions, type TrlOptions } from './options.ts'

const IGNORED: readonly IgnoredOptions<TrlOptions>[] = [
  {
    when: ({ streams }) => streams.mode === 'sum',
    because: '`streams.mode` is sum, the reward as it is',
    options: ['streams.weights'],
    beside: ['streams.mode'],
  },
]

const rules = ({ model, python }: TrlOptions) => ({
  defaults: withDefaults<TrlOptions>(trlOptions, { model, python }),
  ignored: IGNORED,
  complete: (options: TrlOptions) => options,
})

/** Options that a preset says and the project has robbed of their effect give way. */
export function settleTrlOptions(options: TrlOptions, layerOf: LayerOf): TrlOptions {
  return settleOptions(options, rules(options), layerOf)
}

/** Options that would have no effect beside the others. */
export function ignoredTrlOptions(options: TrlOptions): readonly OptionProblem[] {
  return ignoredOptions(options, rules(options))
}
