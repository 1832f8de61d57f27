import { withDefaults } from '@dda-thinker/plugin-api'
import { settleOptions, type IgnoredOptions } from '@dda-thinker/ppo-options'
import { trlOptions, type TrlOptions } from './options.ts'

const IGNORED: readonly IgnoredOptions<TrlOptions>[] = [
  {
    when: ({ streams }) => streams.mode === 'sum',
    because: '`streams.mode` is sum, the reward as it is',
    options: ['streams.weights'],
  },
]

/** Options that would have no effect beside the others: problems, or back at their defaults where a preset alone says them. */
export function settleTrlOptions(options: TrlOptions, isInherited?: (option: string) => boolean) {
  const { model, python } = options
  const defaults = withDefaults<TrlOptions>(trlOptions, { model, python })
  return settleOptions(options, { defaults, ignored: IGNORED, isInherited })
}
